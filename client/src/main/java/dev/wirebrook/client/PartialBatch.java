package dev.wirebrook.client;

import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch of which some events may be settled and the rest has to be sent again. Keeps every
 * event's place in the batch that the caller made. Confined to its owner's lock or thread.
 */
final class PartialBatch {
    private final int size;
    private final List<EventResult> settled = new ArrayList<>();
    private EventBatch rest;
    private int[] placeOfRest;

    PartialBatch(EventBatch batch) {
        size = batch.events().size();
        rest = batch;
        placeOfRest = IntStream.range(0, size).toArray();
    }

    /** What is still to be sent. */
    EventBatch rest() {
        return rest;
    }

    int unsettled() {
        return placeOfRest.length;
    }

    boolean isSettled() {
        return placeOfRest.length == 0;
    }

    /** Whether anything was settled so far. */
    boolean hasProgress() {
        return placeOfRest.length < size;
    }

    /** Takes the answer to {@link #rest}: results of those not plainly accepted, by index in it. */
    void settle(List<EventResult> results) {
        List<Integer> again = new ArrayList<>();
        for (EventResult result : results) {
            int index = result.getIndex();
            if (index < 0 || index >= placeOfRest.length) {
                continue;
            }
            if (result.getVerdict() == Verdict.RETRY) {
                again.add(index);
            } else {
                settled.add(result.toBuilder().setIndex(placeOfRest[index]).build());
            }
        }
        rest = rest.subset(again);
        placeOfRest = again.stream().mapToInt(index -> placeOfRest[index]).toArray();
    }

    /** What is known now; what is not settled counts as unsent. */
    DispatchOutcome outcome() {
        List<EventResult> results = new ArrayList<>(settled);
        for (int place : placeOfRest) {
            results.add(EventResult.newBuilder().setIndex(place).setVerdict(Verdict.RETRY).build());
        }
        results.sort(Comparator.comparingInt(EventResult::getIndex));
        return DispatchOutcome.of(size, results);
    }
}
