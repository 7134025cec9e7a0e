package dev.wirebrook.cli.load;

import dev.wirebrook.cli.Terminal;
import java.time.Duration;
import java.util.Locale;

/**
 * One line that says how far it is: redrawn in place where a person watches, else a line every few
 * seconds. Confined to one thread.
 */
public final class ProgressLine {
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration LOG = Duration.ofSeconds(5);
    private static final int BAR_CHARS = 28;

    private final Terminal terminal;
    private final String noun;
    private final long startNanos = System.nanoTime();
    private long shownNanos = startNanos;
    private boolean drawn;

    /**
     * @param noun what is counted, such as "events"
     */
    public ProgressLine(Terminal terminal, String noun) {
        this.terminal = terminal;
        this.noun = noun;
    }

    /**
     * Shows the line if it is time to.
     *
     * @param fraction done, 0 to 1; negative when it cannot be known
     * @param count sent
     * @param remark what else there is to say; may be empty
     */
    public void update(double fraction, long count, String remark) {
        long now = System.nanoTime();
        Duration interval = terminal.errIsTerminal() ? REDRAW : LOG;
        if (now - shownNanos < interval.toNanos()) {
            return;
        }
        shownNanos = now;
        String line = line(fraction, count, noun, remark, now - startNanos);
        if (terminal.errIsTerminal()) {
            drawn = true;
            terminal.err().print("\r\u001b[K" + line);
            terminal.err().flush();
        } else {
            terminal.note(line);
        }
    }

    /** Takes the drawn line away. */
    public void clear() {
        if (drawn) {
            drawn = false;
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
        }
    }

    static String line(double fraction, long count, String noun, String remark, long elapsedNanos) {
        double seconds = Math.max(elapsedNanos / 1e9, 1e-3);
        StringBuilder line = new StringBuilder();
        if (fraction >= 0) {
            int filled = (int) Math.round(fraction * BAR_CHARS);
            line.append(String.format(Locale.ROOT, "%3d%% [", (int) (fraction * 100)))
                    .append("#".repeat(filled))
                    .append("-".repeat(BAR_CHARS - filled))
                    .append("]  ");
        }
        line.append(
                String.format(Locale.ROOT, "%,d %s  %,d/s", count, noun, (long) (count / seconds)));
        if (fraction > 0.01 && fraction < 1) {
            long left = (long) (seconds / fraction * (1 - fraction));
            line.append(String.format(Locale.ROOT, "  %d:%02d left", left / 60, left % 60));
        }
        return line.append(remark.isEmpty() ? "" : "  " + remark).toString();
    }
}
