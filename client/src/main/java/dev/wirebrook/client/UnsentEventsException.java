package dev.wirebrook.client;

/** A publisher was closed with events that the server did not answer for and no spool holds. */
public final class UnsentEventsException extends RuntimeException {
    private final transient DrainReport report;

    UnsentEventsException(DrainReport report) {
        super(
                "%d events were not acknowledged before the publisher was closed%s"
                        .formatted(
                                report.unsettled(),
                                report.lastFailure()
                                        .map(status -> "; the last call failed with " + status)
                                        .orElse("")));
        this.report = report;
    }

    public DrainReport report() {
        return report;
    }
}
