package dev.wirebrook.market.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.SnapshotBook;
import java.util.Optional;

/**
 * One symbol as a request names it: by its id, by its name, or by both, which have to agree.
 *
 * @param id 0: by its name
 * @param name empty: by its id
 */
record NamedSymbol(int id, String name) {
    /**
     * What is known of it, if anything.
     *
     * @throws FailureException InvalidRequest when neither is given, or the two disagree
     */
    Optional<BookUpdate> find(SnapshotBook book) {
        if (id == 0 && name.isEmpty()) {
            throw new FailureException(Missing.unnamed());
        }
        Optional<BookUpdate> found = id == 0 ? book.find(name) : book.find(id);
        if (id != 0 && !name.isEmpty()) {
            checkAgreement(found, book);
        }
        return found;
    }

    private void checkAgreement(Optional<BookUpdate> found, SnapshotBook book) {
        if (found.isPresent() && !found.get().symbol().equals(name)) {
            throw disagreement(
                    "symbol",
                    found.get().symbol().isEmpty()
                            ? "symbol %d has no name, and %s was asked for".formatted(id, name)
                            : "symbol %d is %s, not %s".formatted(id, found.get().symbol(), name));
        }
        Optional<BookUpdate> other = book.find(name);
        if (found.isEmpty() && other.isPresent()) {
            throw disagreement(
                    "symbol_id",
                    "%s is symbol %d, not %d".formatted(name, other.get().symbolId(), id));
        }
    }

    private static FailureException disagreement(String field, String what) {
        return new FailureException(
                Failure.InvalidRequest.of(
                        field, what + "; send one of the two, or both as they belong together"));
    }

    /**
     * As {@link #find}.
     *
     * @throws FailureException NotFound when nothing was published for it, too
     */
    BookUpdate in(SnapshotBook book) {
        return find(book).orElseThrow(() -> new FailureException(Missing.of(id, name)));
    }
}
