package dev.wirebrook.admin;

/**
 * The log as operators see it.
 *
 * @param refusal why appends are refused now; empty: they are taken
 */
public record JournalFacts(
        long startPosition, long durablePosition, long segments, long bytes, String refusal) {}
