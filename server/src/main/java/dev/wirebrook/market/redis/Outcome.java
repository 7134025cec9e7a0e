package dev.wirebrook.market.redis;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.Refusals;
import dev.wirebrook.market.UpdateDraft;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What became of one update in Redis. */
sealed interface Outcome {
    record Accepted(long sequence) implements Outcome {}

    /** It said what the symbol's last update, which has this sequence, had said. */
    record Duplicate(long sequence) implements Outcome {}

    record Refused(Failure failure) implements Outcome {}

    /**
     * Those that {@code publish.lua} gave.
     *
     * @param drafts in the order in which they were sent
     * @param symbolsMax that they were sent with
     */
    static List<Outcome> read(byte[] answer, List<UpdateDraft> drafts, int symbolsMax) {
        ByteBuffer in = ByteBuffer.wrap(answer);
        List<Outcome> outcomes = new ArrayList<>(drafts.size());
        for (UpdateDraft draft : drafts) {
            outcomes.add(next(in, draft, symbolsMax));
        }
        if (in.hasRemaining()) {
            throw new IllegalStateException(
                    "an answer to %d updates has %d bytes too many"
                            .formatted(drafts.size(), in.remaining()));
        }
        return outcomes;
    }

    private static Outcome next(ByteBuffer in, UpdateDraft draft, int symbolsMax) {
        int code = in.get();
        long number = (long) in.getDouble();
        return switch (code) {
            case 0 -> new Accepted(number);
            case 1 -> new Refused(Refusals.otherId(draft.symbol(), (int) number, draft.symbolId()));
            case 2 -> new Refused(Refusals.full(number, symbolsMax));
            case 3 -> {
                byte[] symbol = new byte[in.get()];
                in.get(symbol);
                yield new Refused(
                        Refusals.otherSymbol(
                                (int) number,
                                new String(symbol, StandardCharsets.UTF_8),
                                draft.symbol()));
            }
            case 4 -> new Refused(Refusals.late());
            case 6 -> new Duplicate(number);
            case 5 -> new Refused(Refusals.unknown(draft.symbolId(), draft.symbol()));
            default -> throw new IllegalStateException("an outcome of kind " + code);
        };
    }
}
