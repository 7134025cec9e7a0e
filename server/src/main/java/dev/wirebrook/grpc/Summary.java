package dev.wirebrook.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.Supplier;

/**
 * One message at the end. A stream that is refused has none: its status says what was wrong.
 *
 * <p>Confined to the event loop of its stream.
 */
public final class Summary implements Reply {
    private final ServerCall<?, byte[]> call;
    private final Supplier<byte[]> message;

    public Summary(ServerCall<?, byte[]> call, Supplier<byte[]> message) {
        this.call = call;
        this.message = message;
    }

    @Override
    public boolean readsOn() {
        return true;
    }

    @Override
    public void ready() {}

    @Override
    public void flush() {}

    @Override
    public void complete() {
        if (!call.isCancelled()) {
            call.sendHeaders(new Metadata());
            call.sendMessage(message.get());
            call.close(Status.OK, new Metadata());
        }
    }
}
