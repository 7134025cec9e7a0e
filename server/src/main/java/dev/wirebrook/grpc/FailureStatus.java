package dev.wirebrook.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A failure as a client sees it: the gRPC status, and in the trailers {@code
 * grpc-status-details-bin} the google.rpc details. Every failure carries an {@link ErrorInfo} with
 * a reason under the domain {@code wirebrook.dev}; those that a client may simply send again carry
 * {@link RetryInfo}, and {@code grpc-retry-pushback-ms} for clients whose channel retries by
 * itself.
 *
 * <p>Bounded, since clients take 8 KiB of trailers by default: long messages are cut, and
 * violations that do not fit are counted in the last one.
 */
public record FailureStatus(Status status, Metadata trailers) {
    /** The domain of every reason. */
    public static final String DOMAIN = "wirebrook.dev";

    /** The key of the google.rpc details in the trailers. */
    public static final Metadata.Key<com.google.rpc.Status> DETAILS =
            Metadata.Key.of(
                    "grpc-status-details-bin",
                    ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

    private static final Metadata.Key<String> RETRY_PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final int TEXT_BYTES_MAX = 600;
    private static final int VIOLATION_BYTES_MAX = 2_500;

    /** The one mapping. */
    public static FailureStatus of(Failure failure) {
        String message = cut(failure.message());
        return switch (failure) {
            case Failure.InvalidRequest invalid ->
                    of(
                            Code.INVALID_ARGUMENT,
                            message,
                            info("INVALID_REQUEST", Map.of()),
                            badRequest(invalid.violations()));
            case Failure.TooLarge large -> tooLarge(message, large);
            case Failure.Overloaded overloaded ->
                    retryable(
                            Code.RESOURCE_EXHAUSTED,
                            message,
                            "OVERLOADED",
                            overloaded.retryDelay());
            case Failure.QuotaExceeded quota ->
                    retryable(
                            Code.RESOURCE_EXHAUSTED,
                            message,
                            "QUOTA_EXCEEDED",
                            quota.retryDelay(),
                            QuotaFailure.newBuilder()
                                    .addViolations(
                                            QuotaFailure.Violation.newBuilder()
                                                    .setSubject(quota.quota())
                                                    .setDescription(message))
                                    .build());
            case Failure.Draining draining ->
                    retryable(Code.UNAVAILABLE, message, "DRAINING", draining.retryDelay());
            case Failure.Unavailable unavailable ->
                    retryable(Code.UNAVAILABLE, message, "UNAVAILABLE", unavailable.retryDelay());
            case Failure.Unauthenticated unknown ->
                    of(Code.UNAUTHENTICATED, message, info(unknown.reason().name(), Map.of()));
            case Failure.PermissionDenied denied ->
                    of(
                            Code.PERMISSION_DENIED,
                            message,
                            info("PERMISSION_DENIED", Map.of("scope", denied.scope())));
            case Failure.NotFound missing ->
                    of(
                            Code.NOT_FOUND,
                            message,
                            info("NOT_FOUND", Map.of()),
                            ResourceInfo.newBuilder()
                                    .setResourceType(cut(missing.resourceType()))
                                    .setResourceName(cut(missing.resourceName()))
                                    .setDescription(message)
                                    .build());
            case Failure.FailedPrecondition precondition ->
                    of(
                            Code.FAILED_PRECONDITION,
                            message,
                            info("FAILED_PRECONDITION", Map.of()),
                            PreconditionFailure.newBuilder()
                                    .addViolations(
                                            PreconditionFailure.Violation.newBuilder()
                                                    .setType(cut(precondition.type()))
                                                    .setSubject(cut(precondition.subject()))
                                                    .setDescription(message))
                                    .build());
            case Failure.Unimplemented _ ->
                    of(Code.UNIMPLEMENTED, message, info("UNIMPLEMENTED", Map.of()));
            case Failure.DeadlineExceeded _ ->
                    of(Code.DEADLINE_EXCEEDED, message, info("DEADLINE_EXCEEDED", Map.of()));
            case Failure.DataLoss _ -> of(Code.DATA_LOSS, message, info("DATA_LOSS", Map.of()));
            case Failure.Internal internal ->
                    of(
                            Code.INTERNAL,
                            message,
                            info("INTERNAL", Map.of("incident", internal.incidentId())),
                            RequestInfo.newBuilder().setRequestId(internal.incidentId()).build());
        };
    }

    /** As it stands in a message, with the details that the trailers have. */
    public com.google.rpc.Status details() {
        com.google.rpc.Status details = trailers.get(DETAILS);
        return details == null
                ? com.google.rpc.Status.newBuilder()
                        .setCode(status.getCode().value())
                        .setMessage(String.valueOf(status.getDescription()))
                        .build()
                : details;
    }

    private static FailureStatus tooLarge(String message, Failure.TooLarge large) {
        FailureStatus refusal =
                of(
                        Code.RESOURCE_EXHAUSTED,
                        message,
                        info(
                                "TOO_LARGE",
                                Map.of("limit", large.limit(), "max", Long.toString(large.max()))),
                        QuotaFailure.newBuilder()
                                .addViolations(
                                        QuotaFailure.Violation.newBuilder()
                                                .setSubject(large.limit())
                                                .setDescription(message))
                                .build());
        // The code alone says "try again" to many a retry policy; for this one it is no use.
        refusal.trailers.put(RETRY_PUSHBACK, "-1");
        return refusal;
    }

    private static FailureStatus retryable(
            Code code, String message, String reason, java.time.Duration delay, Message... more) {
        Duration retryDelay = Durations.fromNanos(delay.toNanos());
        List<Message> details = new ArrayList<>();
        details.add(info(reason, Map.of()));
        details.add(RetryInfo.newBuilder().setRetryDelay(retryDelay).build());
        details.addAll(List.of(more));
        FailureStatus refusal = of(code, message, details.toArray(Message[]::new));
        refusal.trailers.put(RETRY_PUSHBACK, Long.toString(delay.toMillis()));
        return refusal;
    }

    private static FailureStatus of(Code code, String message, Message... details) {
        com.google.rpc.Status.Builder proto =
                com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage(message);
        for (Message detail : details) {
            proto.addDetails(Any.pack(detail));
        }
        Metadata trailers = new Metadata();
        trailers.put(DETAILS, proto.build());
        return new FailureStatus(code.toStatus().withDescription(message), trailers);
    }

    private static ErrorInfo info(String reason, Map<String, String> metadata) {
        return ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain(DOMAIN)
                .putAllMetadata(metadata)
                .build();
    }

    private static BadRequest badRequest(List<Violation> violations) {
        List<BadRequest.FieldViolation> fit = new ArrayList<>();
        int bytes = 0;
        for (Violation violation : violations) {
            BadRequest.FieldViolation field =
                    BadRequest.FieldViolation.newBuilder()
                            .setField(cut(violation.field()))
                            .setDescription(cut(violation.description()))
                            .build();
            bytes += field.getSerializedSize() + 2;
            if (bytes > VIOLATION_BYTES_MAX && !fit.isEmpty()) {
                fit.add(
                        BadRequest.FieldViolation.newBuilder()
                                .setField("...")
                                .setDescription(
                                        "and %d more".formatted(violations.size() - fit.size()))
                                .build());
                break;
            }
            fit.add(field);
        }
        return BadRequest.newBuilder().addAllFieldViolations(fit).build();
    }

    /** Cuts by bytes: a character takes up to four of them, and three times as much in a header. */
    private static String cut(String text) {
        int bytes = 0;
        int end = 0;
        while (end < text.length()) {
            int character = text.codePointAt(end);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > TEXT_BYTES_MAX) {
                return text.substring(0, end) + "...";
            }
            end += Character.charCount(character);
        }
        return text;
    }
}
