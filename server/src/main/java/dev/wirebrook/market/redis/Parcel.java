package dev.wirebrook.market.redis;

import dev.wirebrook.market.UpdateDraft;
import java.util.List;

/**
 * Updates that go to Redis together, and that it takes together.
 *
 * @param number by which Redis knows it when it comes again
 * @param places of the updates in the submission
 * @param arguments the updates as they are sent
 * @param deadlineNanos when it is given up
 */
record Parcel(
        long number,
        Submission submission,
        List<UpdateDraft> drafts,
        List<Integer> places,
        List<byte[]> arguments,
        long deadlineNanos) {
    /** Few enough for Redis to have time for others meanwhile: some milliseconds of its time. */
    static final int UPDATES_MAX = 256;

    int size() {
        return drafts.size();
    }
}
