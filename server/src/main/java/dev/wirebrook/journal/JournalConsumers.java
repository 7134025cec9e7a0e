package dev.wirebrook.journal;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Who reads the journal and how far each is. Thread-safe. */
final class JournalConsumers {
    private final Map<String, ConsumerPosition> byName = new ConcurrentHashMap<>();
    private final SegmentTable segments;
    private final Runnable onProgress;

    JournalConsumers(SegmentTable segments, Runnable onProgress) {
        this.segments = segments;
        this.onProgress = onProgress;
    }

    ConsumerPosition add(String name, long position) {
        ConsumerPosition consumer = new ConsumerPosition(name, position, this);
        if (byName.putIfAbsent(name, consumer) != null) {
            throw new IllegalStateException("journal consumer " + name + " is registered already");
        }
        return consumer;
    }

    void remove(ConsumerPosition consumer) {
        if (byName.remove(consumer.name(), consumer)) {
            onProgress.run();
        }
    }

    /** Told by a consumer: tells maintenance where that may have freed the oldest segment. */
    void moved(long from, long to) {
        var seen = segments.list();
        if (seen.size() > 1 && from < seen.getFirst().end() && to >= seen.getFirst().end()) {
            onProgress.run();
        }
    }

    /** Who is least far, whatever it holds behind itself. */
    Optional<ConsumerPosition> slowest() {
        return byName.values().stream().min(Comparator.comparingLong(ConsumerPosition::position));
    }

    /** The oldest position that anybody is not done with. */
    long unread() {
        return slowest().map(ConsumerPosition::position).orElse(Long.MAX_VALUE);
    }

    /** The oldest position that anybody is not done with, or holds. */
    long needed() {
        return byName.values().stream()
                .mapToLong(ConsumerPosition::needed)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
