package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.util.List;

/**
 * What became of the updates of one request.
 *
 * @param accepted how many were taken; durable by now
 * @param rejections of the others, by rising place
 */
public record PublishOutcome(int accepted, List<Rejection> rejections) {
    public PublishOutcome {
        rejections = List.copyOf(rejections);
    }

    /**
     * @param index place among the request's snapshots
     * @param symbolId as it was sent; 0: was not
     * @param symbol as it was sent
     */
    public record Rejection(int index, int symbolId, String symbol, Failure failure) {}
}
