package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.grpc.RawMarshaller;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What must never be sent, on every method of a whole server: a clear status with details, and
 * nobody else notices.
 */
class HostileInputIT {
    private static final int RANDOM_MESSAGES =
            Integer.getInteger("wirebrook.test.hostile-messages", 300);

    /**
     * What a client may be told about bytes that make no sense; anything else would be a fault of
     * ours.
     */
    private static final Set<Status.Code> HONEST =
            EnumSet.of(
                    Status.Code.OK,
                    Status.Code.INVALID_ARGUMENT,
                    Status.Code.NOT_FOUND,
                    Status.Code.RESOURCE_EXHAUSTED,
                    Status.Code.FAILED_PRECONDITION,
                    Status.Code.DEADLINE_EXCEEDED);

    @TempDir private static Path directory;

    private static TestNode server;

    @BeforeAll
    static void start() {
        server = TestNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Answer(Status status, Metadata trailers, List<byte[]> messages) {}

    private static final Map<String, MethodType> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("event.EventService/dispatch", MethodType.UNARY);
        METHODS.put("wirebrook.ingest.v1.IngestService/Ingest", MethodType.BIDI_STREAMING);
        METHODS.put("wirebrook.ingest.v1.IngestService/Upload", MethodType.CLIENT_STREAMING);
        METHODS.put("wirebrook.ingest.v1.IngestService/Tail", MethodType.SERVER_STREAMING);
        METHODS.put("wirebrook.admin.v1.AdminService/GetStatus", MethodType.UNARY);
        METHODS.put("wirebrook.admin.v1.AdminService/GetCatalog", MethodType.UNARY);
        METHODS.put("wirebrook.admin.v1.AdminService/Query", MethodType.SERVER_STREAMING);
        METHODS.put("wirebrook.admin.v1.AdminService/ListDeadLetters", MethodType.UNARY);
        METHODS.put("wirebrook.admin.v1.AdminService/GetDeadLetter", MethodType.UNARY);
        METHODS.put("wirebrook.admin.v1.AdminService/GetDeadLetterStats", MethodType.UNARY);
        METHODS.put("grpc.health.v1.Health/Check", MethodType.UNARY);
    }

    @Test
    void random_and_mutilated_bytes_on_every_method_get_an_honest_status() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] sound = batch(3, "h").toByteArray();
        for (Map.Entry<String, MethodType> method : METHODS.entrySet()) {
            for (int i = 0; i < RANDOM_MESSAGES / METHODS.size(); i++) {
                byte[] message =
                        random.nextBoolean() ? randomBytes(random) : mutilated(random, sound);
                Answer answer =
                        call(method.getKey(), method.getValue(), Duration.ofMillis(300), message);
                assertThat(HONEST)
                        .as(
                                "seed %d, %s, message %s: %s",
                                seed, method.getKey(), hex(message), answer.status())
                        .contains(answer.status().getCode());
                boolean ours =
                        !answer.status().isOk()
                                && answer.status().getCode() != Status.Code.DEADLINE_EXCEEDED;
                if (ours) {
                    assertThat(answer.trailers().get(FailureStatus.DETAILS))
                            .as("details of %s to %s", answer.status(), method.getKey())
                            .isNotNull();
                }
            }
        }
        assertServes();
    }

    @Test
    void an_empty_batch_is_refused_by_name() throws Exception {
        Answer answer = dispatch(new byte[0]);
        assertThat(answer.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(answer.status().getDescription()).contains("events").contains("at least one");
    }

    @Test
    void a_million_events_in_a_batch_are_too_many_and_no_retry_is_suggested() throws Exception {
        byte[] million = new byte[2_000_000];
        for (int i = 0; i < million.length; i += 2) {
            million[i] = 5 << 3 | 2;
        }
        Answer answer = dispatch(million);
        assertThat(answer.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertNoRetryInfo(answer);
        assertServes();
    }

    @Test
    void fifty_megabytes_are_too_large_and_no_retry_is_suggested() throws Exception {
        for (String method :
                List.of(
                        "event.EventService/dispatch",
                        "wirebrook.ingest.v1.IngestService/Ingest")) {
            Answer answer =
                    call(
                            method,
                            java.util.Objects.requireNonNull(METHODS.get(method)),
                            Duration.ofSeconds(20),
                            new byte[50 << 20]);
            assertThat(answer.status().getCode())
                    .as(method + " " + answer.status())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertNoRetryInfo(answer);
        }
        assertServes();
    }

    @Test
    void one_bad_event_is_named_and_its_neighbours_are_stored() throws Exception {
        Event badTime = event("bad-time").toBuilder().setTimestamp("soon").build();
        byte[] badText = event("bad-text").toByteArray();
        badText[badText.length - 1] = (byte) 0xFF; // the last letter of the product's name
        Events good = batch(2, "neighbour");
        byte[] batch =
                concat(
                        good.toByteArray(),
                        Events.newBuilder().addEvents(badTime).build().toByteArray(),
                        new byte[] {5 << 3 | 2, (byte) badText.length},
                        badText);
        Response response = Response.parseFrom(dispatch(batch).messages().getFirst());
        assertThat(response.getStatus()).isEqualTo("ERROR");
        assertThat(response.getAccepted()).isEqualTo(2);
        assertThat(response.getRejected()).isEqualTo(2);
        assertThat(response.getResultsList())
                .extracting(result -> result.getViolations(0).getField())
                .containsExactly("events[2].timestamp", "events[3].addToCartEvent.productName");
        server.client().admin().awaitStored(0, Duration.ofSeconds(30));
    }

    @Test
    void a_client_that_never_reads_its_acknowledgements_slows_nobody() throws Exception {
        ClientCall<byte[], byte[]> silent =
                server.client()
                        .channel()
                        .newCall(
                                method(
                                        "wirebrook.ingest.v1.IngestService/Ingest",
                                        MethodType.BIDI_STREAMING),
                                CallOptions.DEFAULT);
        silent.start(new ClientCall.Listener<>() {}, new Metadata());
        byte[] batch = batch(50, "silent").toByteArray();
        for (int sequence = 1;
                (sequence <= 2_000 && silent.isReady()) || sequence == 1;
                sequence++) {
            silent.sendMessage(
                    dev.wirebrook.api.ingest.v1.IngestRequest.newBuilder()
                            .setSequence(sequence)
                            .setBatch(Events.parseFrom(batch))
                            .build()
                            .toByteArray());
        }
        long before = System.nanoTime();
        assertServes();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        silent.cancel("enough", null);
    }

    @Test
    void a_sequence_that_does_not_rise_ends_the_stream_after_what_was_acknowledged()
            throws Exception {
        byte[] first = ingestRequest(7, "seq-a");
        byte[] second = ingestRequest(7, "seq-b");
        Answer answer =
                call(
                        "wirebrook.ingest.v1.IngestService/Ingest",
                        MethodType.BIDI_STREAMING,
                        Duration.ofSeconds(20),
                        first,
                        second);
        assertThat(answer.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(answer.messages()).hasSize(1);
        assertThat(
                        dev.wirebrook.api.ingest.v1.IngestResponse.parseFrom(
                                        answer.messages().getFirst())
                                .getSequence())
                .isEqualTo(7);
    }

    private static byte[] ingestRequest(long sequence, String id) {
        return dev.wirebrook.api.ingest.v1.IngestRequest.newBuilder()
                .setSequence(sequence)
                .setBatch(batch(1, id))
                .build()
                .toByteArray();
    }

    private void assertServes() throws Exception {
        Answer answer = dispatch(batch(1, "after-" + System.nanoTime()).toByteArray());
        assertThat(answer.status().isOk()).as(answer.status().toString()).isTrue();
        assertThat(Response.parseFrom(answer.messages().getFirst()).getStatus())
                .isEqualTo("SUCCESS");
    }

    private static void assertNoRetryInfo(Answer answer) {
        com.google.rpc.Status details = answer.trailers().get(FailureStatus.DETAILS);
        assertThat(details).as("details of %s", answer.status()).isNotNull();
        assertThat(details.getDetailsList()).noneMatch(any -> any.is(RetryInfo.class));
    }

    private Answer dispatch(byte[] message) throws Exception {
        return call(
                "event.EventService/dispatch", MethodType.UNARY, Duration.ofSeconds(20), message);
    }

    private Answer call(String name, MethodType type, Duration timeout, byte[]... messages)
            throws Exception {
        CompletableFuture<Answer> done = new CompletableFuture<>();
        List<byte[]> received = new ArrayList<>();
        ClientCall<byte[], byte[]> call =
                server.client()
                        .channel()
                        .newCall(
                                method(name, type),
                                CallOptions.DEFAULT.withDeadlineAfter(
                                        timeout.toMillis(), TimeUnit.MILLISECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] message) {
                        received.add(message);
                        call.request(1);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        done.complete(new Answer(status, trailers, received));
                    }
                },
                new Metadata());
        call.request(1);
        for (byte[] message : messages) {
            call.sendMessage(message);
        }
        call.halfClose();
        return done.get(60, TimeUnit.SECONDS);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                .setType(type)
                .setFullMethodName(name)
                .build();
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] mutilated(Random random, byte[] sound) {
        byte[] bytes = java.util.Arrays.copyOf(sound, 1 + random.nextInt(sound.length));
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }

    private static Events batch(int size, String prefix) {
        Events.Builder batch =
                Events.newBuilder().setHeader(Header.newBuilder().setClientId("hostile"));
        for (int i = 0; i < size; i++) {
            batch.addEvents(event(prefix + i));
        }
        return batch.build();
    }

    private static Event event(String id) {
        return Event.newBuilder()
                .setId(id)
                .setAddToCartEvent(
                        AddToCartEvent.newBuilder().setProductId("P").setProductName("Lamp"))
                .build();
    }
}
