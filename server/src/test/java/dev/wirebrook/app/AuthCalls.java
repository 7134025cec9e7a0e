package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.wirebrook.api.admin.v1.AdminServiceGrpc;
import dev.wirebrook.api.admin.v1.GetStatusRequest;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls with tokens, and how they are refused. */
final class AuthCalls {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** How a call was refused. */
    record Refusal(Status.Code code, String reason, Map<String, String> details, String message) {}

    private AuthCalls() {}

    /** The channel, with these headers on every call. */
    static Channel with(Channel channel, String... authorizations) {
        Metadata headers = new Metadata();
        for (String authorization : authorizations) {
            headers.put(AUTHORIZATION, authorization);
        }
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** A call for which {@code admin:read} does. */
    static GetStatusResponse status(Channel channel) {
        return AdminServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance());
    }

    static Refusal refusal(ThrowingCallable call) {
        StatusRuntimeException failure =
                Objects.requireNonNull(catchThrowableOfType(StatusRuntimeException.class, call));
        String message = String.valueOf(failure.getStatus().getDescription());
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    ErrorInfo info = info(detail);
                    return new Refusal(
                            failure.getStatus().getCode(),
                            info.getReason(),
                            info.getMetadataMap(),
                            message);
                }
            }
        }
        return new Refusal(failure.getStatus().getCode(), "", Map.of(), message);
    }

    private static ErrorInfo info(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
