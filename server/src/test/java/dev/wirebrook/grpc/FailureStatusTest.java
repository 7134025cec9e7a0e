package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureStatusTest {
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    static Stream<Arguments> catalogue() {
        Duration delay = Duration.ofMillis(1_500);
        return Stream.of(
                Arguments.of(
                        Failure.InvalidRequest.of("id", "is empty"),
                        Status.Code.INVALID_ARGUMENT,
                        "INVALID_REQUEST"),
                Arguments.of(
                        new Failure.TooLarge("too large", "x.max", 7),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "TOO_LARGE"),
                Arguments.of(
                        new Failure.Overloaded("full", delay),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "OVERLOADED"),
                Arguments.of(
                        new Failure.Draining("leaving", delay),
                        Status.Code.UNAVAILABLE,
                        "DRAINING"),
                Arguments.of(
                        new Failure.Unavailable("gone", delay),
                        Status.Code.UNAVAILABLE,
                        "UNAVAILABLE"),
                Arguments.of(
                        new Failure.Unauthenticated(
                                "who?", Failure.Unauthenticated.Reason.NO_TOKEN),
                        Status.Code.UNAUTHENTICATED,
                        "NO_TOKEN"),
                Arguments.of(
                        new Failure.PermissionDenied("no", "sql"),
                        Status.Code.PERMISSION_DENIED,
                        "PERMISSION_DENIED"),
                Arguments.of(
                        new Failure.QuotaExceeded(
                                "too fast", "quota.streams", Duration.ofSeconds(1)),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "QUOTA_EXCEEDED"),
                Arguments.of(
                        new Failure.NotFound("none", "letter", "7"),
                        Status.Code.NOT_FOUND,
                        "NOT_FOUND"),
                Arguments.of(
                        new Failure.FailedPrecondition("not so", "STATE", "letter/7"),
                        Status.Code.FAILED_PRECONDITION,
                        "FAILED_PRECONDITION"),
                Arguments.of(
                        new Failure.Unimplemented("no such"),
                        Status.Code.UNIMPLEMENTED,
                        "UNIMPLEMENTED"),
                Arguments.of(
                        new Failure.DeadlineExceeded("late"),
                        Status.Code.DEADLINE_EXCEEDED,
                        "DEADLINE_EXCEEDED"),
                Arguments.of(new Failure.DataLoss("damaged"), Status.Code.DATA_LOSS, "DATA_LOSS"),
                Arguments.of(
                        new Failure.Internal("fault", "abc"), Status.Code.INTERNAL, "INTERNAL"));
    }

    @ParameterizedTest
    @MethodSource("catalogue")
    void gives_every_failure_a_status_and_a_reason(
            Failure failure, Status.Code code, String reason) {
        Details details = details(failure);
        assertThat(details.code()).isEqualTo(code);
        assertThat(details.message()).isEqualTo(failure.message());
        ErrorInfo info = details.detail(ErrorInfo.class).orElseThrow();
        assertThat(info.getReason()).isEqualTo(reason);
        assertThat(info.getDomain()).isEqualTo("wirebrook.dev");
        com.google.rpc.Status proto = details.trailers().get(FailureStatus.DETAILS);
        assertThat(proto).isNotNull();
        assertThat(proto.getCode()).isEqualTo(code.value());
        assertThat(proto.getMessage()).isEqualTo(failure.message());
    }

    /** A failure that is new to the catalogue has to be added to the test above. */
    @Test
    void knows_all_failures() {
        List<String> tested =
                catalogue()
                        .map(arguments -> Objects.requireNonNull(arguments.get()[0]))
                        .map(failure -> failure.getClass().getSimpleName())
                        .toList();
        assertThat(Failure.class.getPermittedSubclasses())
                .extracting(Class::getSimpleName)
                .containsExactlyInAnyOrderElementsOf(tested);
    }

    @Test
    void names_each_violation() {
        BadRequest bad =
                details(
                                new Failure.InvalidRequest(
                                        "two things",
                                        List.of(
                                                new Violation("events[3].id", "is empty"),
                                                new Violation("header", "is missing"))))
                        .detail(BadRequest.class)
                        .orElseThrow();
        assertThat(bad.getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("events[3].id", "header");
    }

    @Test
    void tells_when_to_come_back() {
        Duration delay = Duration.ofMillis(1_500);
        for (Failure failure :
                List.of(
                        new Failure.Overloaded("full", delay),
                        new Failure.Draining("leaving", delay),
                        new Failure.Unavailable("gone", delay))) {
            Details details = details(failure);
            com.google.protobuf.Duration told =
                    details.detail(RetryInfo.class).orElseThrow().getRetryDelay();
            assertThat(told.getSeconds()).isEqualTo(1);
            assertThat(told.getNanos()).isEqualTo(500_000_000);
            assertThat(details.trailers().get(PUSHBACK)).isEqualTo("1500");
        }
    }

    @Test
    void forbids_to_send_again_what_is_too_large() {
        Details details = details(new Failure.TooLarge("too large", "x.max", 7));
        assertThat(details.detail(RetryInfo.class)).isEmpty();
        assertThat(details.trailers().get(PUSHBACK)).isEqualTo("-1");
        assertThat(details.detail(ErrorInfo.class).orElseThrow().getMetadataMap())
                .containsEntry("limit", "x.max")
                .containsEntry("max", "7");
        assertThat(details.detail(QuotaFailure.class).orElseThrow().getViolations(0).getSubject())
                .isEqualTo("x.max");
    }

    @Test
    void names_what_is_missing_or_not_so() {
        ResourceInfo missing =
                details(new Failure.NotFound("none", "letter", "7"))
                        .detail(ResourceInfo.class)
                        .orElseThrow();
        assertThat(missing.getResourceType()).isEqualTo("letter");
        assertThat(missing.getResourceName()).isEqualTo("7");
        PreconditionFailure notSo =
                details(new Failure.FailedPrecondition("not so", "STATE", "letter/7"))
                        .detail(PreconditionFailure.class)
                        .orElseThrow();
        assertThat(notSo.getViolations(0).getType()).isEqualTo("STATE");
        assertThat(notSo.getViolations(0).getSubject()).isEqualTo("letter/7");
    }

    @Test
    void carries_the_incident() {
        Details details = details(new Failure.Internal("fault", "abc"));
        assertThat(details.detail(RequestInfo.class).orElseThrow().getRequestId()).isEqualTo("abc");
        assertThat(details.detail(ErrorInfo.class).orElseThrow().getMetadataMap())
                .containsEntry("incident", "abc");
    }

    /** Clients take 8 KiB of trailers by default and report a broken call above that. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9", "\u4e16", "\ud83d\ude00"})
    void fits_into_what_clients_take_whatever_is_in_it(String character) {
        List<Violation> violations =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> new Violation("events[" + i + "]", character.repeat(5_000)))
                        .toList();
        Details details =
                details(new Failure.InvalidRequest(character.repeat(100_000), violations));
        int percentEncoded = details.message().getBytes(StandardCharsets.UTF_8).length * 3;
        int bytes = percentEncoded;
        for (byte[] part : InternalMetadata.serialize(details.trailers())) {
            bytes += part.length * 4 / 3 + 32;
        }
        assertThat(bytes).isLessThan(8_192);
        assertThat(details.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                .last()
                .extracting(BadRequest.FieldViolation::getDescription)
                .asString()
                .matches("and 99\\d\\d more");
    }

    private static Details details(Failure failure) {
        FailureStatus status = FailureStatus.of(failure);
        return new Details(status.status(), status.trailers());
    }
}
