package dev.wirebrook.events;

import java.util.List;

/**
 * What became of a batch.
 *
 * @param accepted events that are durable, duplicates and quarantined ones among them
 * @param outcomes one for each event that was not plainly accepted, in the order of the batch
 * @param endPosition the log position behind the batch; 0 when nothing of it was logged
 */
public record BatchOutcome(
        int accepted,
        int duplicate,
        int rejected,
        int quarantined,
        List<EventOutcome> outcomes,
        long endPosition) {}
