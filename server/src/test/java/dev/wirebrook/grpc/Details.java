package dev.wirebrook.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A failed call as its client saw it. */
record Details(Status status, Metadata trailers) {
    static Details of(StatusRuntimeException e) {
        Metadata trailers = e.getTrailers();
        return new Details(e.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    /** The status with which this call fails. */
    static Details failing(ThrowingCallable call) {
        return of(Assertions.catchThrowableOfType(StatusRuntimeException.class, call));
    }

    Status.Code code() {
        return status.getCode();
    }

    String message() {
        return String.valueOf(status.getDescription());
    }

    <M extends Message> Optional<M> detail(Class<M> type) {
        com.google.rpc.Status proto = trailers.get(FailureStatus.DETAILS);
        if (proto == null) {
            return Optional.empty();
        }
        for (Any any : proto.getDetailsList()) {
            if (any.is(type)) {
                try {
                    return Optional.of(any.unpack(type));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return Optional.empty();
    }
}
