package dev.wirebrook.grpc;

import com.google.protobuf.MessageLite;
import dev.wirebrook.failure.Failure;

/** Stands in the place of a message between the marshaller and the {@link GuardedListener}. */
sealed interface Received {
    /**
     * The message cannot be read. What a marshaller throws ends up as UNKNOWN without details, so
     * the failure travels the message's way to where the call can be closed well.
     */
    record Unreadable(Failure failure) implements Received {}

    /** How long a message was on the wire, as far as it can be told without reading it again. */
    static long bytes(Object message) {
        return switch (message) {
            case byte[] raw -> raw.length;
            case Unparsed unparsed -> unparsed.message().length;
            case MessageLite typed -> typed.getSerializedSize();
            default -> 0;
        };
    }

    /** The message is still to be parsed, on the thread of the method that may block. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once
    record Unparsed(byte[] message) implements Received {}
}
