package dev.wirebrook.admin;

/** The log as operators see it. */
public sealed interface LogFacts {
    /**
     * @param refusal why appends are refused now; empty: they are taken
     */
    record OfJournal(
            long startPosition, long durablePosition, long segments, long bytes, String refusal)
            implements LogFacts {}

    /**
     * @param address without user and password
     * @param pendingBytes bytes of batches that wait for their confirm
     * @param fault what keeps batches from being confirmed; empty: nothing does
     */
    record OfRabbit(String address, long pendingBytes, String fault) implements LogFacts {}
}
