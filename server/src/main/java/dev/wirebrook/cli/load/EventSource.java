package dev.wirebrook.cli.load;

import com.google.protobuf.ByteString;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The events of a file, by rising number. Confined to one thread. */
interface EventSource {
    /**
     * The next event; null at the end.
     *
     * @throws RowFault when the row or group makes no event; the next one may
     */
    @Nullable NumberedEvent next() throws IOException, RowFault;

    /** Number of the row, or of the group's first row, that {@link #next} gave or refused last. */
    long number();

    /**
     * One event.
     *
     * @param number of its row, or of its group's first row
     * @param header the serialised header that it has to be sent under
     */
    record NumberedEvent(long number, ByteString header, ByteString event) {}
}
