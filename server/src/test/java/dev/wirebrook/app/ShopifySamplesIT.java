package dev.wirebrook.app;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deliveries of 106 topics that Shopify sent. They lie beside the repository, or where {@code
 * WIREBROOK_TEST_DATA} says; without them the test is skipped. Their bodies were written anew
 * since, so they are signed here.
 */
class ShopifySamplesIT {
    @TempDir private Path directory;

    /** One captured delivery. */
    private record Sample(String topic, String body) {
        static Sample read(Path file) {
            try {
                JsonObject sample =
                        JsonParser.parseString(Files.readString(file)).getAsJsonObject();
                return new Sample(sample.get("topic").getAsString(), sample.get("body").toString());
            } catch (IOException e) {
                throw new UncheckedIOException(file.toString(), e);
            }
        }
    }

    private static List<Sample> samples() throws IOException {
        String named = System.getenv("WIREBROOK_TEST_DATA");
        Path data = named == null ? Path.of("..", "..", "shared", "data") : Path.of(named);
        Path folder = data.resolve("webhooks").resolve("shopify_2023-01");
        Assumptions.assumeTrue(Files.isDirectory(folder), "no captured deliveries in " + folder);
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().map(Sample::read).toList();
        }
    }

    @Test
    void every_delivery_becomes_a_row_and_those_of_known_topics_events_too() throws Exception {
        List<Sample> samples = samples();
        assertThat(samples).hasSize(106);
        try (WebhookServer server = WebhookServer.start(directory, Map.of())) {
            for (int round = 0; round < 2; round++) {
                for (Sample sample : samples) {
                    var answer =
                            server.shopify(sample.topic(), "id-" + sample.topic(), sample.body());
                    assertThat(answer.statusCode())
                            .as("%s: %s", sample.topic(), answer.body())
                            .isEqualTo(200);
                }
            }
            assertThat(server.parked()).isEmpty();
            assertThat(server.column("select topic from webhook_received_event order by 1"))
                    .isEqualTo(
                            new ArrayList<>(
                                    samples.stream()
                                            .map(Sample::topic)
                                            .collect(toCollection(TreeSet::new))));
            Map<String, String> payloadByTopic = new TreeMap<>();
            for (Sample sample : samples) {
                payloadByTopic.put(sample.topic(), sample.body());
            }
            assertThat(server.column("select payload from webhook_received_event order by topic"))
                    .containsExactlyElementsOf(payloadByTopic.values());
            assertThat(
                            server.column(
                                    "select event_type || ' ' || count(*) from events group by"
                                            + " event_type order by 1"))
                    .containsExactly(
                            "AddToCartEvent 1",
                            "BeginCheckoutEvent 1",
                            "CompletePurchaseEvent 1",
                            "OrderCancelledEvent 1",
                            "OrderCompletedEvent 1",
                            "OrderRefundedEvent 1",
                            "OrderUpdatedEvent 2",
                            "SignUpEvent 1",
                            "WebhookReceivedEvent 106");
            assertThat(
                            server.value(
                                    "select order_id || ' ' || total_amount || ' ' || currency ||"
                                            + " ' ' || user_id from order_completed_event"))
                    .isEqualTo("820982911946154500 36.99 CAD 115310627314723950");
            assertThat(server.counted("shopify", "accepted")).isEqualTo(212);
        }
    }
}
