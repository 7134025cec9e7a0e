package dev.wirebrook.events.duckdb;

import java.nio.file.Path;

/**
 * How the warehouse uses the machine.
 *
 * @param file the database; its folder is made when missing. The engine keeps {@code <file>.wal}
 *     and {@code <file>.tmp} beside it
 * @param threads threads that the engine works with; at least 1. With 1 every sink and every query
 *     works on its caller's thread alone. Further ones share the work of large queries, and cost a
 *     sink that waits for one of them processor time: the engine's callers do not sleep
 * @param memoryBytesMax what the engine may hold in memory before it spills to disk; at least 64
 *     MiB
 * @param spillBytesMax what queries may spill to disk
 * @param queriesMax queries that run at once; at least 1
 * @param queriesWaitingMax callers that wait for a free place; further ones are refused
 * @param walBytesMax size of the write-ahead log at which a sink folds it into the database before
 *     it goes on; at least 1 MiB. Folding takes about half a second per 100 MiB
 */
public record DuckDbSettings(
        Path file,
        int threads,
        long memoryBytesMax,
        long spillBytesMax,
        int queriesMax,
        int queriesWaitingMax,
        long walBytesMax) {
    private static final long MIB = 1 << 20;
    private static final long UNCOUNTED_BYTES_MAX = 256 * MIB;

    public DuckDbSettings {
        require(threads >= 1, "threads", threads);
        require(memoryBytesMax >= 64 * MIB, "memoryBytesMax", memoryBytesMax);
        require(spillBytesMax >= 0, "spillBytesMax", spillBytesMax);
        require(queriesMax >= 1, "queriesMax", queriesMax);
        require(queriesWaitingMax >= 0, "queriesWaitingMax", queriesWaitingMax);
        require(walBytesMax >= MIB, "walBytesMax", walBytesMax);
    }

    /** One thread, 512 MiB of memory, 4 GiB of spill, 4 queries, 16 waiting, 128 MiB of log. */
    public static DuckDbSettings of(Path file) {
        return new DuckDbSettings(file, 1, 512 * MIB, 4_096 * MIB, 4, 16, 128 * MIB);
    }

    private static void require(boolean holds, String name, long value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is out of range: " + value);
        }
    }

    /** The queries together may take half of the memory; the rest is the sinks'. */
    long queryMemoryBytesMax() {
        return memoryBytesMax / 2 / queriesMax;
    }

    /**
     * What the whole process may grow by beside Java's heap while a query runs: the engine's memory
     * and what it does not count.
     */
    long processGrowthBytesMax() {
        return memoryBytesMax + UNCOUNTED_BYTES_MAX;
    }

    Path walFile() {
        return file.resolveSibling(file.getFileName() + ".wal");
    }
}
