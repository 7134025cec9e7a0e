package dev.wirebrook.http;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one exchange has put off. It is taken back with the exchange: an event loop would hold what
 * is due much later, and with it all that belongs to a client who has long gone. Confined to the
 * event loop.
 */
final class Timers {
    private final EventLoop loop;
    private final Set<Timer> pending = new HashSet<>();

    Timers(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Runs the action on the event loop after the delay.
     *
     * @return takes it back
     */
    Runnable after(Duration delay, Runnable action) {
        Timer timer = new Timer(action);
        pending.add(timer);
        timer.due = loop.schedule(timer, delay.toMillis(), TimeUnit.MILLISECONDS);
        return timer::cancel;
    }

    void cancelAll() {
        Set.copyOf(pending).forEach(Timer::cancel);
    }

    private final class Timer implements Runnable {
        private final Runnable action;
        private @Nullable Future<?> due;

        private Timer(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            pending.remove(this);
            action.run();
        }

        private void cancel() {
            Future<?> scheduled = due;
            if (pending.remove(this) && scheduled != null) {
                scheduled.cancel(false);
            }
        }
    }
}
