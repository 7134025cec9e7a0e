package dev.wirebrook.client;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Header;
import java.nio.file.Path;

/** The examples of the documentation; compiled with the tests, and run by them. */
final class PublisherSnippets {
    private PublisherSnippets() {}

    static PublisherMetrics publish(WirebrookClient client) throws Exception {
        // @start region="publisher"
        Header header = Header.newBuilder().setClientId("shop").setAppVersion("1.2").build();
        try (EventPublisher publisher =
                client.publisher(PublisherOptions.DEFAULT.withHeader(header))) {
            AddToCartEvent cart = AddToCartEvent.newBuilder().setProductId("A1").build();
            switch (publisher.publish(Event.newBuilder().setAddToCartEvent(cart).build())) {
                case PublishResult.Taken _ -> {}
                case PublishResult.Refused(var reason) ->
                        throw new IllegalStateException("no room for the event: " + reason);
            }
            // @end
            publisher.flush(java.time.Duration.ofSeconds(10));
            return publisher.metrics();
            // @start region="publisher"
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

    static DispatchOutcome dispatch(WirebrookClient client, Event event) throws Exception {
        // @start region="dispatch"
        var batch = dev.wirebrook.api.event.Events.newBuilder().addEvents(event).build();
        DispatchOutcome outcome = client.events().dispatch(batch);
        // @end
        return outcome;
    }
}
