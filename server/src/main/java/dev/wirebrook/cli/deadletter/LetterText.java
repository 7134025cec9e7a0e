package dev.wirebrook.cli.deadletter;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.admin.v1.DeadLetter;
import java.util.Locale;

/** Values of dead letters as people read them. */
final class LetterText {
    private LetterText() {}

    /** Empty for a moment that has not come. */
    static String of(Timestamp time) {
        return time.equals(Timestamp.getDefaultInstance()) ? "" : Timestamps.toString(time);
    }

    static String of(DeadLetter.State state) {
        return state.name().substring("STATE_".length()).toLowerCase(Locale.ROOT);
    }
}
