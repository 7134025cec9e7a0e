package dev.wirebrook.app;

import com.google.protobuf.util.Durations;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SnapshotResult;
import dev.wirebrook.client.DispatchOutcome;
import dev.wirebrook.client.EventBatch;
import dev.wirebrook.client.EventOutcome;
import dev.wirebrook.client.EventPublisher;
import dev.wirebrook.client.IngestOptions;
import dev.wirebrook.client.IngestSession;
import dev.wirebrook.client.MarketDataClient;
import dev.wirebrook.client.MarketSubscription;
import dev.wirebrook.client.MarketUpdate;
import dev.wirebrook.client.PublishResult;
import dev.wirebrook.client.PublisherOptions;
import dev.wirebrook.client.SnapshotOutcome;
import dev.wirebrook.client.SnapshotSession;
import dev.wirebrook.client.SnapshotSessionOptions;
import dev.wirebrook.client.SpoolOptions;
import dev.wirebrook.client.Symbols;
import dev.wirebrook.client.WirebrookClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The examples in the client library's documentation: compiled here, run by a test. */
final class ClientSnippets {
    private ClientSnippets() {}

    static DispatchOutcome dispatch(String address, Events batch) throws InterruptedException {
        // @start region="dispatch"
        try (WirebrookClient client = WirebrookClient.builder().target(address).build()) {
            DispatchOutcome outcome = client.events().dispatch(batch);
            return outcome;
        }
        // @end
    }

    static void publish(WirebrookClient client) throws Exception {
        // @start region="publish"
        Header header = Header.newBuilder().setClientId("shop").setAppVersion("1.2").build();
        try (EventPublisher publisher =
                client.publisher(PublisherOptions.DEFAULT.withHeader(header))) {
            AddToCartEvent cart = AddToCartEvent.newBuilder().setProductId("A1").build();
            Event event = Event.newBuilder().setAddToCartEvent(cart).build();
            switch (publisher.publish(event)) {
                case PublishResult.Taken _ -> {}
                case PublishResult.Refused(var reason) ->
                        throw new IllegalStateException("no room for an event: " + reason);
            }
        }
        // @end
    }

    static EventOutcome spool(WirebrookClient client, Path directory, Event event)
            throws Exception {
        // @start region="spool"
        PublisherOptions options =
                PublisherOptions.DEFAULT.withSpool(
                        SpoolOptions.of(directory, 256L << 20).forcingEach());
        try (EventPublisher publisher = client.publisher(options)) {
            return publisher.publishTracked(event).get();
        }
        // @end
    }

    static List<DispatchOutcome> ingest(WirebrookClient client, List<EventBatch> batches)
            throws Exception {
        // @start region="ingest"
        List<CompletableFuture<DispatchOutcome>> outcomes = new ArrayList<>();
        try (IngestSession session = client.ingest(IngestOptions.DEFAULT)) {
            for (EventBatch batch : batches) {
                outcomes.add(session.send(batch));
            }
            session.awaitAnswers();
        }
        return outcomes.stream().map(CompletableFuture::join).toList();
        // @end
    }

    static int tail(WirebrookClient client, int events) {
        int seen = 0;
        // @start region="tail"
        var responses =
                client.events()
                        .tail(TailRequest.newBuilder().setPosition(0).setLimit(events).build());
        while (responses.hasNext()) {
            seen += responses.next().getEventsCount();
        }
        // @end
        return seen;
    }

    static SnapshotOutcome market(WirebrookClient client) {
        // @start region="market"
        MarketDataClient market = client.market();
        Snapshot quote =
                Snapshot.newBuilder().setSymbol("EURUSD").setBid(1.0841).setAsk(1.0843).build();
        SnapshotOutcome outcome = market.publish(List.of(quote));
        Snapshot latest = market.snapshot("EURUSD");
        List<SnapshotResult> both = market.snapshots(Symbols.named("EURUSD", "GBPUSD"));
        // @end
        if (latest.getBid() != quote.getBid() || both.size() != 2) {
            throw new IllegalStateException(latest + " of " + both);
        }
        return outcome;
    }

    static double subscribe(WirebrookClient client) throws InterruptedException {
        // @start region="subscribe"
        try (MarketSubscription prices =
                client.market().subscribe(Symbols.named("EURUSD", "USDJPY"))) {
            MarketUpdate first = prices.next();
            prices.unsubscribe(Symbols.named("USDJPY"));
            prices.subscribe(Symbols.ofIds(13));
            return first.snapshot().getBid();
        }
        // @end
    }

    static List<SnapshotOutcome> snapshots(WirebrookClient client, List<Snapshot> updates)
            throws Exception {
        // @start region="snapshots"
        List<CompletableFuture<SnapshotOutcome>> outcomes = new ArrayList<>();
        try (SnapshotSession session = client.market().session(SnapshotSessionOptions.DEFAULT)) {
            for (Snapshot update : updates) {
                outcomes.add(session.send(List.of(update)));
            }
            session.awaitAnswers();
        }
        return outcomes.stream().map(CompletableFuture::join).toList();
        // @end
    }

    static List<Candle> history(WirebrookClient client) {
        // @start region="history"
        GetHistoryRequest minutes =
                GetHistoryRequest.newBuilder()
                        .setSymbol("USDJPY")
                        .setInterval(Durations.fromMinutes(1))
                        .setLimit(60)
                        .build();
        List<Candle> candles = client.market().history(minutes);
        // @end
        return candles;
    }
}
