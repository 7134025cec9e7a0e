package dev.wirebrook.cli.load;

import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.load.EventMapping.MappedEvent;
import dev.wirebrook.cli.load.EventSource.NumberedEvent;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes all events of a file, and shows the first of them in place of sending them. */
record DryRun(Terminal terminal, BatchMessages messages, BadRows badRows) {
    private static final int SHOWN = 3;

    /** Returns the exit code. */
    int run(EventSource source) throws IOException {
        long events = 0;
        for (boolean more = true; more; ) {
            try {
                NumberedEvent event = source.next();
                more = event != null;
                events += show(event, events < SHOWN);
            } catch (RowFault fault) {
                badRows.add(source.number(), fault.text());
            }
        }
        terminal.out().flush();
        badRows.first().forEach(line -> terminal.note("  " + line));
        terminal.note(
                String.format(
                        Locale.ROOT,
                        "%,d events, %,d bad rows; nothing was sent",
                        events,
                        badRows.count()));
        return badRows.count() == 0 ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private int show(@Nullable NumberedEvent event, boolean shown) {
        if (event == null) {
            return 0;
        }
        if (shown) {
            terminal.out()
                    .println(
                            messages.toJson(
                                    messages.of(new MappedEvent(event.header(), event.event()))));
        }
        return 1;
    }
}
