package dev.wirebrook.app;

import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.TickLog;
import java.util.List;

/** Keeps nothing: to be replaced by the event pipeline. */
final class UnloggedTicks implements TickLog {
    @Override
    public void append(List<BookUpdate> updates, Answer answer) {
        answer.executor().execute(answer::durable);
    }
}
