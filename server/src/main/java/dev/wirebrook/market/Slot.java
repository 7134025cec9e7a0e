package dev.wirebrook.market;

import org.jspecify.annotations.Nullable;

/** What one subscription knows of one symbol. Confined to the fan-out's thread. */
final class Slot {
    final Backlog backlog;
    final int symbolId;

    /** Where it stands among the slots of its symbol. */
    int place;

    /** Asked for by its symbol's name, which in another epoch may be another id's. */
    boolean named;

    /** To be sent, the latest of those that came; null: nothing is. */
    @Nullable BookUpdate pending;

    /** What has changed since the update sent last. */
    int changed;

    /** To be sent whole, as if nothing had been sent before. */
    boolean fresh = true;

    /** Of the update sent last, or taken as sent; 0: none was. */
    long sentSequence;

    /** Up to it, updates were sent, conflated, or there before this. */
    long sentOrdinal;

    /** Of the latest update seen, sent or not. */
    long seenSequence;

    Slot(Backlog backlog, int symbolId) {
        this.backlog = backlog;
        this.symbolId = symbolId;
    }

    void sent(BookUpdate update) {
        sentSequence = update.sequence();
        sentOrdinal = update.ordinal();
        fresh = false;
    }

    /** Takes the update before this one as sent. */
    void startBefore(BookUpdate update) {
        sentSequence = update.previousSequence();
        sentOrdinal = update.ordinal() - 1;
        fresh = update.previousSequence() == 0;
    }

    /** Takes what those were sent who tail as sent. */
    void startAt(long tailedSequence, long tailedOrdinal) {
        sentSequence = tailedSequence;
        sentOrdinal = tailedOrdinal;
        fresh = tailedSequence == 0;
    }

    /** Nothing was sent, as far as the reader's new epoch goes. */
    void startOver() {
        pending = null;
        changed = 0;
        fresh = true;
        sentSequence = 0;
        sentOrdinal = 0;
        seenSequence = 0;
    }

    /** What is known when it begins: the updates before are none of the reader's. */
    void beginAt(BookUpdate update) {
        sentOrdinal = update.ordinal() - 1;
    }

    /** The symbol's updates since the one sent last that this one stands for. */
    long conflated(BookUpdate update) {
        return update.ordinal() - sentOrdinal - 1;
    }
}
