package dev.wirebrook.bench.market;

/** What reads what a server pushes. Thread-safe. */
interface Readers extends AutoCloseable {
    /** Messages that came, since the beginning. */
    long messages();

    /** Updates that came in them. */
    long updates();

    /** Bytes of the messages, without what carries them. */
    long bytes();

    @Override
    void close();
}
