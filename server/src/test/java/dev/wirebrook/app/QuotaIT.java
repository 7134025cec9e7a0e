package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.client.DispatchOutcome;
import dev.wirebrook.client.RetryPolicy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that bounds the events of a client, whichever way they come. */
@Timeout(60)
class QuotaIT {
    private TestNode node;

    @BeforeEach
    void start(@TempDir Path dataDir) {
        node = TestNode.start(dataDir, Map.of("quota.events-per-second", "20"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static Events batch(int events) {
        Events.Builder batch = Events.newBuilder();
        for (int i = 0; i < events; i++) {
            batch.addEvents(
                    Event.newBuilder().setAddToCartEvent(AddToCartEvent.getDefaultInstance()));
        }
        return batch.build();
    }

    @Test
    void refuses_the_next_batch_of_a_client_that_sent_too_many() throws Exception {
        assertThat(node.client().events(RetryPolicy.NEVER).dispatch(batch(60)).isComplete())
                .isTrue();
        assertThatThrownBy(() -> node.client().events(RetryPolicy.NEVER).dispatch(batch(1)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> {
                            assertThat(refused.getStatus().getCode())
                                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                            assertThat(refused.getStatus().getDescription())
                                    .contains("quota.events-per-second");
                        });
    }

    @Test
    void takes_it_when_the_client_comes_again_as_it_is_told() throws Exception {
        node.client().events().dispatch(batch(40));
        DispatchOutcome outcome = node.client().events().dispatch(batch(1));
        assertThat(outcome.isComplete()).isTrue();
    }

    @Test
    void says_the_same_over_http() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            node.client().events().dispatch(batch(60));
            HttpResponse<String> refused =
                    client.send(
                            HttpRequest.newBuilder(URI.create(node.http() + "/v1/events"))
                                    .header("content-type", "application/json")
                                    .POST(BodyPublishers.ofString("{\"events\":[{}]}"))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
            assertThat(refused.body()).contains("QUOTA_EXCEEDED");
        }
    }
}
