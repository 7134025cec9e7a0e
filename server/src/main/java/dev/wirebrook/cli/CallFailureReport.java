package dev.wirebrook.cli;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says what went wrong with a call: the server's words, its google.rpc details, what to do next.
 */
final class CallFailureReport {
    private final Terminal terminal;

    CallFailureReport(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Prints the failure and returns the exit code. */
    int print(StatusRuntimeException failure, Optional<String> target) {
        Status status = failure.getStatus();
        Optional<TlsFailure> tls = TlsFailure.of(status);
        if (tls.isPresent()) {
            terminal.note(
                    terminal.red("error: ")
                            + "no connection to "
                            + target.orElse("the server")
                            + ": "
                            + tls.get().what());
            if (!tls.get().hint().isEmpty()) {
                terminal.note(tls.get().hint());
            }
        } else if (target.isPresent() && isUnreachable(status)) {
            terminal.note(
                    terminal.red("error: ")
                            + "cannot reach "
                            + target.get()
                            + " - is it running? Start one with: wirebrook dev");
        } else {
            String message = status.getDescription();
            terminal.note(
                    terminal.red("error: ")
                            + (message == null ? "the call failed" : message)
                            + " ("
                            + status.getCode()
                            + ")");
            details(failure).forEach(line -> terminal.note("  " + line));
            hint(status.getCode()).ifPresent(terminal::note);
        }
        return ExitCodes.of(status.getCode());
    }

    private static boolean isUnreachable(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE && hasConnectFailure(status.getCause());
    }

    private static boolean hasConnectFailure(@Nullable Throwable cause) {
        for (Throwable step = cause; step != null; step = step.getCause()) {
            if (step instanceof ConnectException
                    || step instanceof UnknownHostException
                    || step instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }

    /** The google.rpc details, a line each. */
    static List<String> details(StatusRuntimeException failure) {
        List<String> lines = new ArrayList<>();
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                describe(detail, lines);
            }
        }
        return lines;
    }

    private static void describe(Any detail, List<String> lines) {
        try {
            if (detail.is(BadRequest.class)) {
                detail.unpack(BadRequest.class)
                        .getFieldViolationsList()
                        .forEach(v -> lines.add(v.getField() + ": " + v.getDescription()));
            } else if (detail.is(RetryInfo.class)) {
                lines.add(
                        "try again after " + text(detail.unpack(RetryInfo.class).getRetryDelay()));
            } else if (detail.is(PreconditionFailure.class)) {
                detail.unpack(PreconditionFailure.class)
                        .getViolationsList()
                        .forEach(v -> lines.add(v.getSubject() + ": " + v.getDescription()));
            } else if (detail.is(QuotaFailure.class)) {
                detail.unpack(QuotaFailure.class)
                        .getViolationsList()
                        .forEach(v -> lines.add(v.getSubject() + ": " + v.getDescription()));
            } else if (detail.is(ResourceInfo.class)) {
                ResourceInfo resource = detail.unpack(ResourceInfo.class);
                lines.add(resource.getResourceType() + " " + resource.getResourceName());
            } else if (detail.is(ErrorInfo.class)) {
                ErrorInfo info = detail.unpack(ErrorInfo.class);
                lines.add(
                        info.getReason()
                                + (info.getMetadataMap().isEmpty()
                                        ? ""
                                        : " " + info.getMetadataMap()));
            } else if (detail.is(Help.class)) {
                detail.unpack(Help.class)
                        .getLinksList()
                        .forEach(link -> lines.add(link.getDescription() + ": " + link.getUrl()));
            }
        } catch (InvalidProtocolBufferException e) {
            lines.add("a detail that cannot be read: " + detail.getTypeUrl());
        }
    }

    private static String text(Duration duration) {
        return dev.wirebrook.app.config.Durations.format(
                java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos()));
    }

    private static Optional<String> hint(Status.Code code) {
        return switch (code) {
            case UNIMPLEMENTED ->
                    Optional.of(
                            "Is the address that of a Wirebrook gRPC port, and is the server as new as this command?");
            case UNAUTHENTICATED ->
                    Optional.of(
                            "Give a token with --token-file FILE or WIREBROOK_TOKEN. Who runs the server makes one with: wirebrook token create");
            case PERMISSION_DENIED ->
                    Optional.of(
                            "Who runs the server makes a token that may, with: wirebrook token create --scope SCOPE");
            case DEADLINE_EXCEEDED -> Optional.of("Give it more time, or ask for less.");
            default -> Optional.empty();
        };
    }
}
