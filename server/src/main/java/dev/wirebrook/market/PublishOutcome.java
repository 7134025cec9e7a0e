package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.util.List;

/**
 * What became of the updates of one request.
 *
 * @param epoch of the sequences
 * @param sequences of those that were taken, rising
 * @param duplicates of updates that said what the last update of their symbol had said: its
 *     sequences, in any order; they are taken, and are no updates of their own
 * @param rejections of the others, by rising place
 */
public record PublishOutcome(
        String epoch, List<Long> sequences, List<Long> duplicates, List<Rejection> rejections) {
    public PublishOutcome {
        sequences = List.copyOf(sequences);
        duplicates = List.copyOf(duplicates);
        rejections = List.copyOf(rejections);
    }

    public PublishOutcome(String epoch, List<Long> sequences, List<Rejection> rejections) {
        this(epoch, sequences, List.of(), rejections);
    }

    /** How many were taken. */
    public int accepted() {
        return sequences.size() + duplicates.size();
    }

    /**
     * @param index place among the request's snapshots
     * @param symbolId as it was sent; 0: was not
     * @param symbol as it was sent
     */
    public record Rejection(int index, int symbolId, String symbol, Failure failure) {}
}
