package dev.wirebrook.cli.market;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Progress;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.api.market.v1.SymbolStatus;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.client.MarketListener;
import dev.wirebrook.client.MarketSubscription;
import dev.wirebrook.client.MarketUpdate;
import dev.wirebrook.client.SubscriptionOptions;
import dev.wirebrook.client.Symbols;
import dev.wirebrook.client.WirebrookClient;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook market watch}. */
@Command(
        name = "watch",
        description =
                "Follows symbols until interrupted: a table that changes in place, or a line for each update where the output is no terminal.",
        footer = {
            "",
            "  wirebrook market watch EURUSD GBPUSD",
            "  wirebrook market watch --all -o json | jq .ltp"
        })
final class WatchMarket implements Callable<Integer> {
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Parameters(arity = "0..*", paramLabel = "SYMBOL|ID", description = "Names or numbers.")
    private List<String> symbols = new ArrayList<>();

    @Option(names = "--all", description = "Every symbol that there is or will be.")
    private boolean all;

    @Option(
            names = "--every",
            description = "Every update, also where a later one of its symbol is there already.")
    private boolean every;

    @Option(
            names = "--max-rate",
            paramLabel = "N",
            description = "At most so many updates a second.")
    private double maxRate;

    @Option(names = "--limit", paramLabel = "N", description = "Ends after so many updates.")
    private long limit;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "table, or json for an object a line (default: table).")
    private OutputFormat format = OutputFormat.TABLE;

    WatchMarket(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (all == !symbols.isEmpty()) {
            throw CommandFailure.usage(
                    all ? "--all is every symbol: name none beside it" : "no symbol is named",
                    "Try: wirebrook market watch --all, or: wirebrook market watch EURUSD");
        }
        Watch watch = new Watch(context.terminal());
        SubscriptionOptions options =
                SubscriptionOptions.DEFAULT.withListener(watch).withDelivery(delivery());
        try (WirebrookClient client = server.connect();
                MarketSubscription subscription =
                        client.market()
                                .subscribe(
                                        all ? Symbols.everything() : NamedSymbols.of(symbols),
                                        options)) {
            if (format == OutputFormat.TABLE && context.terminal().outIsTerminal()) {
                table(subscription, watch);
            } else {
                lines(subscription, watch);
            }
        }
        return ExitCodes.OK;
    }

    private Delivery delivery() {
        return Delivery.newBuilder()
                .setConflation(every ? Conflation.CONFLATION_NONE : Conflation.CONFLATION_LATEST)
                .setMaxRate(maxRate)
                .build();
    }

    private void lines(MarketSubscription subscription, Watch watch) throws InterruptedException {
        long shown = 0;
        // Who reads may have seen enough, as head does.
        while ((limit == 0 || shown < limit) && !context.terminal().out().checkError()) {
            Optional<MarketUpdate> update = subscription.poll(ASK_AGAIN);
            if (update.isPresent()) {
                shown++;
                context.terminal()
                        .out()
                        .println(
                                format == OutputFormat.JSON
                                        ? UpdateLines.json(update.get())
                                        : UpdateLines.plain(update.get()));
            }
            watch.askForMissing(subscription);
        }
    }

    private void table(MarketSubscription subscription, Watch watch) throws InterruptedException {
        LiveTable table = new LiveTable(context.terminal());
        TreeMap<Integer, Snapshot> snapshots = new TreeMap<>();
        long shown = 0;
        long conflated = 0;
        while ((limit == 0 || shown < limit) && !context.terminal().out().checkError()) {
            long redrawNanos = System.nanoTime() + REDRAW.toNanos();
            for (long left = REDRAW.toNanos(); left > 0; left = redrawNanos - System.nanoTime()) {
                Optional<MarketUpdate> update = subscription.poll(Duration.ofNanos(left));
                if (update.isPresent() && (limit == 0 || shown < limit)) {
                    shown++;
                    conflated += update.get().conflated();
                    Snapshot snapshot = update.get().snapshot();
                    snapshots.put(snapshot.getSymbolId(), snapshot);
                }
            }
            table.draw(
                    snapshots,
                    "%,d symbols, %,d updates, %,d left out for later ones%s"
                            .formatted(snapshots.size(), shown, conflated, watch.remark));
            watch.askForMissing(subscription);
        }
    }

    /** What is told beside the updates. */
    private static final class Watch implements MarketListener {
        private final Terminal terminal;
        private final Set<String> missing = ConcurrentHashMap.newKeySet();
        private final Set<String> told = ConcurrentHashMap.newKeySet();
        private volatile String remark = "";
        private long askedNanos = System.nanoTime();

        Watch(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void started(Started started) {
            if (!remark.isEmpty() && !terminal.outIsTerminal()) {
                terminal.note("the server is back");
            }
            remark = "";
        }

        @Override
        public void progress(Progress progress) {
            remark =
                    progress.getStale()
                            ? "; the server has lost its source, there may be later"
                            : "";
        }

        @Override
        public void missing(SymbolStatus symbol) {
            String name = symbol.getSymbol();
            if (!name.isEmpty()) {
                missing.add(name);
            }
            if (told.add(name.isEmpty() ? "#" + symbol.getSymbolId() : name)) {
                terminal.note(symbol.getStatus().getMessage() + "; waiting for it");
            }
        }

        @Override
        public void disconnected(Status reason, Duration wait) {
            if (remark.isEmpty() && !terminal.outIsTerminal()) {
                terminal.note("the server is away, trying again");
            }
            remark = "; the server is away, trying again";
        }

        /** A name has no id before something is published for it, so the server forgets it. */
        void askForMissing(MarketSubscription subscription) {
            long now = System.nanoTime();
            if (!missing.isEmpty() && now - askedNanos >= ASK_AGAIN.toNanos()) {
                askedNanos = now;
                List<String> names = List.copyOf(missing);
                names.forEach(missing::remove);
                subscription.subscribe(Symbols.named(names));
            }
        }
    }
}
