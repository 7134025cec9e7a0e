package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.SymbolStatus;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.SnapshotBook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the ids of the symbols that a reader names. Thread-safe. */
final class SymbolLookup {
    /** Statuses of one message; what is missing beyond is not named one by one. */
    private static final int STATUSES_MAX = 1_000;

    private final SnapshotBook book;
    private final int symbolsMax;

    SymbolLookup(SnapshotBook book, int symbolsMax) {
        this.book = book;
        this.symbolsMax = symbolsMax;
    }

    /**
     * @param ids to be subscribed, known by now or not
     * @param named those of them that were found by their names
     * @param statuses of those that nothing was published for
     */
    record Found(List<Integer> ids, List<Integer> named, List<SymbolStatus> statuses) {}

    /**
     * @param had symbols that the subscription has already
     * @throws FailureException InvalidRequest for an id that is none, TooLarge for too many
     */
    Found find(String field, List<Integer> ids, List<String> symbols, int had) {
        check(field, ids, had + ids.size() + symbols.size());
        List<Integer> found = new ArrayList<>(ids.size() + symbols.size());
        found.addAll(ids);
        List<SymbolStatus> statuses = new ArrayList<>();
        for (int id : ids) {
            if (statuses.size() < STATUSES_MAX && book.find(id).isEmpty()) {
                statuses.add(
                        SymbolStatus.newBuilder()
                                .setSymbolId(id)
                                .setStatus(Missing.status(id, ""))
                                .build());
            }
        }
        List<Integer> named = new ArrayList<>(symbols.size());
        for (String symbol : symbols) {
            Optional<BookUpdate> known = book.find(symbol);
            if (known.isPresent()) {
                named.add(known.get().symbolId());
            } else if (statuses.size() < STATUSES_MAX) {
                statuses.add(
                        SymbolStatus.newBuilder()
                                .setSymbol(symbol)
                                .setStatus(Missing.status(0, symbol))
                                .build());
            }
        }
        found.addAll(named);
        return new Found(found, named, statuses);
    }

    /**
     * As {@link #find}, of symbols that shall go: one that nothing was published for is not there.
     */
    List<Integer> ids(String field, List<Integer> ids, List<String> symbols) {
        check(field, ids, ids.size() + symbols.size());
        List<Integer> found = new ArrayList<>(ids.size() + symbols.size());
        found.addAll(ids);
        for (String symbol : symbols) {
            book.find(symbol).ifPresent(known -> found.add(known.symbolId()));
        }
        return found;
    }

    private void check(String field, List<Integer> ids, int count) {
        if (count > symbolsMax) {
            throw new FailureException(
                    new Failure.TooLarge(
                            "%s: %,d symbols are asked for, and one subscription has at most %,d; use several, or all"
                                    .formatted(field, count, symbolsMax),
                            "market.subscription-symbols-max",
                            symbolsMax));
        }
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i) < 1) {
                throw new FailureException(
                        Failure.InvalidRequest.of(field + "[" + i + "]", "is 1 to 2147483647"));
            }
        }
    }
}
