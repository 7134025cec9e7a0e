package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.ResumePoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.SymbolStatus;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription wants, what of it the server was told, and what of that has surely come. One
 * change is under way at a time; what is wanted meanwhile goes into the next, so that nothing piles
 * up. Guarded by its owner's lock.
 */
final class WantedSymbols {
    private final Set<Integer> ids = new LinkedHashSet<>();
    private final Set<String> names = new LinkedHashSet<>();
    private boolean all;

    /** Wanted, and the server was not told yet. */
    private final Change come = new Change();

    /** No longer wanted, and the server was not told yet. */
    private final Change gone = new Change();

    /** What the server was told last, and has not answered. */
    private final Change told = new Change();

    /** Answered, and perhaps not all of them sent when the stream breaks: not to be resumed. */
    private final Change unsettled = new Change();

    /** Asked for by name, and without an id: the server has forgotten about them. */
    private final Set<String> missing = new LinkedHashSet<>();

    private @Nullable ResumePoint resume;
    private String epoch = "";
    private long requests;
    private boolean answered = true;

    /** Some symbols. */
    private static final class Change {
        private final Set<Integer> ids = new LinkedHashSet<>();
        private final Set<String> names = new LinkedHashSet<>();
        private boolean all;

        boolean isEmpty() {
            return !all && ids.isEmpty() && names.isEmpty();
        }

        void add(Change more) {
            ids.addAll(more.ids);
            names.addAll(more.names);
            all |= more.all;
        }

        void clear() {
            ids.clear();
            names.clear();
            all = false;
        }
    }

    void subscribe(Symbols symbols) {
        for (int id : symbols.ids()) {
            if (ids.add(id)) {
                come.ids.add(id);
            }
        }
        for (String name : symbols.names()) {
            if (names.add(name) || missing.remove(name)) {
                come.names.add(name);
            }
        }
        if (symbols.all() && !all) {
            all = true;
            come.all = true;
        }
    }

    void unsubscribe(Symbols symbols) {
        if (symbols.all()) {
            ids.clear();
            names.clear();
            all = false;
            come.clear();
            gone.clear();
            gone.all = true;
            return;
        }
        for (int id : symbols.ids()) {
            if (ids.remove(id) && !come.ids.remove(id)) {
                gone.ids.add(id);
            }
        }
        for (String name : symbols.names()) {
            if (names.remove(name) && !come.names.remove(name)) {
                gone.names.add(name);
            }
        }
    }

    boolean wants(Snapshot snapshot) {
        return all || ids.contains(snapshot.getSymbolId()) || names.contains(snapshot.getSymbol());
    }

    /** The first request of a stream, which goes on where the one before broke. */
    StreamMarketDataRequest begin(Delivery delivery) {
        come.add(unsettled);
        come.add(told);
        come.names.addAll(missing);
        come.ids.retainAll(ids);
        come.names.retainAll(names);
        come.all &= all;
        unsettled.clear();
        told.clear();
        missing.clear();
        gone.clear();
        Change settled = new Change();
        if (resume == null) {
            come.ids.addAll(ids);
            come.names.addAll(names);
            come.all = all;
        } else {
            settled.ids.addAll(ids);
            settled.ids.removeAll(come.ids);
            settled.names.addAll(names);
            settled.names.removeAll(come.names);
            settled.all = all && !come.all;
        }
        StreamMarketDataRequest.Builder request =
                StreamMarketDataRequest.newBuilder().setDelivery(delivery);
        if (settled.isEmpty()) {
            take(request, come);
            told.add(come);
            come.clear();
        } else {
            take(request, settled).setResume(resume);
        }
        return numbered(request);
    }

    /** What to tell the server next, if it has answered and there is anything. */
    Optional<StreamMarketDataRequest> change() {
        if (!answered || (come.isEmpty() && gone.isEmpty())) {
            return Optional.empty();
        }
        StreamMarketDataRequest.Builder request =
                take(StreamMarketDataRequest.newBuilder(), come)
                        .addAllUnsubscribeIds(gone.ids)
                        .addAllUnsubscribeSymbols(gone.names)
                        .setUnsubscribeAll(gone.all);
        told.add(come);
        come.clear();
        gone.clear();
        return Optional.of(numbered(request));
    }

    private static StreamMarketDataRequest.Builder take(
            StreamMarketDataRequest.Builder request, Change symbols) {
        return request.addAllSubscribeIds(symbols.ids)
                .addAllSubscribeSymbols(symbols.names)
                .setSubscribeAll(symbols.all);
    }

    private StreamMarketDataRequest numbered(StreamMarketDataRequest.Builder request) {
        answered = false;
        return request.setRequestId(++requests).build();
    }

    void started(String nextEpoch) {
        if (!epoch.equals(nextEpoch)) {
            epoch = nextEpoch;
            resume = null;
        }
    }

    void answered(long request) {
        if (request == requests) {
            answered = true;
            unsettled.add(told);
            told.clear();
        }
    }

    /** The server does not follow a name that has no id yet. */
    void missing(SymbolStatus status) {
        if (names.contains(status.getSymbol())) {
            missing.add(status.getSymbol());
        }
    }

    /** Everything up to the sequence has come, of all that was answered before. */
    void progress(long sequence) {
        resume = ResumePoint.newBuilder().setEpoch(epoch).setSequence(sequence).build();
        unsettled.clear();
    }
}
