package dev.wirebrook.events.webhook;

/** What became of a delivery, as it is counted. */
public enum WebhookOutcome {
    /** Durable as events. Whether it came before is told later, by the window of ids. */
    ACCEPTED,
    /** Durable as a dead letter. */
    QUARANTINED,
    /** Not shown to come from the sender. */
    UNVERIFIED,
    /** Longer than is taken. */
    TOO_LARGE,
    /** Neither log nor dead letters had room in time. */
    UNAVAILABLE
}
