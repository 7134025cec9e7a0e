package dev.wirebrook.market.redis;

import com.google.protobuf.Timestamp;
import dev.wirebrook.market.UpdateDraft;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Updates as {@code publish.lua} reads them. */
final class PublishArguments {
    private static final int NANOS_PER_MICRO = 1_000;

    private PublishArguments() {}

    static byte[] of(UpdateDraft draft) {
        Timestamp time = draft.time();
        byte[] symbol = draft.symbol().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(4 + 4 + 8 + 4 + 1 + 1 + symbol.length + draft.fields().size());
        bytes.putInt(draft.symbolId())
                .putInt(draft.changed())
                .putDouble((double) time.getSeconds())
                .putInt(time.getNanos() / NANOS_PER_MICRO)
                .put(kind(draft))
                .put((byte) symbol.length)
                .put(symbol);
        draft.fields().copyTo(bytes);
        return bytes.array();
    }

    private static byte kind(UpdateDraft draft) {
        if (draft.isReset()) {
            return 2;
        }
        return (byte) (draft.timed() ? 1 : 0);
    }
}
