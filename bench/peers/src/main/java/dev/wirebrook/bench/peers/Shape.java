package dev.wirebrook.bench.peers;

/** What one message carries. */
enum Shape {
    /** One event of about 150 bytes. */
    SINGLE(1),
    /** A hundred events in about 12 KiB. */
    BATCH(100);

    private final int events;

    Shape(int events) {
        this.events = events;
    }

    int events() {
        return events;
    }
}
