package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.grpc.FailureStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Purchases that are dispatched over gRPC, and which of them were acknowledged. What was refused is
 * not sent again, and may be stored or not. Used by one thread.
 */
final class AcknowledgedEvents {
    private static final int BATCH_EVENTS = 500;
    private static final int EVENT_BYTES = 200;
    private static final int BATCHES_MAX = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestNode server;
    private final Set<String> ids = new TreeSet<>();
    private int batches;

    AcknowledgedEvents(TestNode server) {
        this.server = server;
    }

    int size() {
        return ids.size();
    }

    /** One batch, of some 100 KB. */
    void send() {
        String prefix = batches++ + "-";
        Events.Builder batch = Events.newBuilder();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < BATCH_EVENTS; i++) {
            sent.add(prefix + i);
            batch.addEvents(
                    Event.newBuilder()
                            .setId(prefix + i)
                            .setCompletePurchaseEvent(
                                    CompletePurchaseEvent.newBuilder()
                                            .setOrderId("order-" + i)
                                            .setPaymentMethod("x".repeat(EVENT_BYTES))));
        }
        Response response =
                EventServiceGrpc.newBlockingStub(server.client().channel())
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .dispatch(batch.build());
        assertThat(response.getStatus()).isEqualTo("SUCCESS");
        ids.addAll(sent);
    }

    /** Until one is told to come again, and when. Returns why. */
    String sendUntilRefused() {
        for (int i = 0; i < BATCHES_MAX; i++) {
            try {
                send();
            } catch (StatusRuntimeException refusal) {
                assertComesAgain(refusal);
                return String.valueOf(refusal.getStatus().getDescription());
            }
        }
        throw new AssertionError("nothing was refused");
    }

    private static void assertComesAgain(StatusRuntimeException refusal) {
        assertThat(refusal.getStatus().getCode())
                .as(refusal.toString())
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        Metadata trailers = refusal.getTrailers();
        assertThat(trailers).isNotNull();
        com.google.rpc.Status details = trailers.get(FailureStatus.DETAILS);
        assertThat(details).isNotNull();
        assertThat(details.getDetailsList()).anyMatch(any -> any.is(RetryInfo.class));
    }

    /** As a patient client does. Refusals that are anything but a delay fail. */
    void sendUntilAccepted() {
        await().atMost(PATIENCE)
                .until(() -> {
                    try {
                        send();
                        return true;
                    } catch (StatusRuntimeException refusal) {
                        assertComesAgain(refusal);
                        return false;
                    }
                });
    }

    /** Each of them, once everything durable is stored, and none in the dead letters. */
    void assertStoredOnce() {
        server.client().admin().awaitStored(0, PATIENCE);
        List<String> stored = new ArrayList<>();
        server.client()
                .admin()
                .query("select event_id from complete_purchase_event", 10_000_000)
                .forEachRemaining(response ->
                        response.getRowsList()
                                .forEach(row -> stored.add(row.getValues(0).getStringValue())));
        assertStoredOnce(stored);
    }

    /**
     * @param stored the ids of all rows
     */
    void assertStoredOnce(List<String> stored) {
        Set<String> distinct = new TreeSet<>(stored);
        assertThat(stored).as("rows").hasSize(distinct.size());
        assertThat(distinct.containsAll(ids))
                .as("%d of %d are stored", distinct.size(), ids.size())
                .isTrue();
        assertNoDeadLetters();
    }

    void assertNoDeadLetters() {
        assertThat(
                        server.client()
                                .admin()
                                .listDeadLetters(ListDeadLettersRequest.getDefaultInstance())
                                .getLettersList())
                .isEmpty();
    }
}
