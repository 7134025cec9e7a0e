package dev.wirebrook.failure;

import java.time.Duration;
import java.util.List;

/**
 * Everything that can go wrong with a call, as a closed catalogue. Each failure has one gRPC status
 * and one set of google.rpc details, made in one place ({@code grpc.FailureStatus}).
 */
public sealed interface Failure {
    /** What a person reads: what is wrong, and what to do next where that is known. */
    String message();

    /** The request is wrong as it stands; sending it again does not help. */
    record InvalidRequest(String message, List<Violation> violations) implements Failure {
        public InvalidRequest {
            violations = List.copyOf(violations);
        }

        public static InvalidRequest of(String field, String description) {
            return new InvalidRequest(
                    field + ": " + description, List.of(new Violation(field, description)));
        }
    }

    /**
     * The request is larger than this server takes; a smaller one may pass.
     *
     * @param limit the setting that bounds it, such as {@code events.batch-bytes-max}
     * @param max the bound, in the limit's unit
     */
    record TooLarge(String message, String limit, long max) implements Failure {
        /** Of a message of any method. */
        public static TooLarge ofMessage(int bytesMax) {
            return new TooLarge(
                    "message is longer than %d bytes; send several smaller ones"
                            .formatted(bytesMax),
                    "grpc.max-message-bytes",
                    bytesMax);
        }
    }

    /** There is no room now; the same request may pass after the delay. */
    record Overloaded(String message, Duration retryDelay) implements Failure {}

    /**
     * The client takes more than it may; the same request may pass after the delay.
     *
     * @param quota the setting that bounds it, such as {@code quota.calls-per-second}
     */
    record QuotaExceeded(String message, String quota, Duration retryDelay) implements Failure {}

    /**
     * The node is leaving; another node takes the request at once, this one perhaps after the
     * delay.
     */
    record Draining(String message, Duration retryDelay) implements Failure {}

    /** What the request needs does not answer now. */
    record Unavailable(String message, Duration retryDelay) implements Failure {}

    /** Nobody knows who calls; the same call may pass with another token. */
    record Unauthenticated(String message, Reason reason) implements Failure {
        /** Why; told in the details, and a label of a metric. */
        public enum Reason {
            NO_TOKEN,
            INVALID_TOKEN,
            EXPIRED_TOKEN,
            NOT_YET_VALID_TOKEN,
            WRONG_AUDIENCE,
            REVOKED_TOKEN,
            UNKNOWN_CERTIFICATE
        }
    }

    /**
     * The caller is known, and may not do this.
     *
     * @param scope that it lacks, such as {@code events:write}
     */
    record PermissionDenied(String message, String scope) implements Failure {}

    /** The thing named does not exist. */
    record NotFound(String message, String resourceType, String resourceName) implements Failure {
        public static NotFound of(String resourceType, String resourceName) {
            return new NotFound(
                    "there is no %s '%s'".formatted(resourceType, resourceName),
                    resourceType,
                    resourceName);
        }
    }

    /** The system is not in the state that the request needs. */
    record FailedPrecondition(String message, String type, String subject) implements Failure {}

    /** This server has no such method, or not in this configuration. */
    record Unimplemented(String message) implements Failure {}

    /** The caller's time ran out. */
    record DeadlineExceeded(String message) implements Failure {}

    /** Stored data does not read back as it was written. */
    record DataLoss(String message) implements Failure {}

    /** A bug or an unexpected fault of ours; the log has the cause under the same id. */
    record Internal(String message, String incidentId) implements Failure {}
}
