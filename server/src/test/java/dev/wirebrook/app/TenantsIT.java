package dev.wirebrook.app;

import static dev.wirebrook.app.AuthCalls.refusal;
import static dev.wirebrook.app.AuthCalls.status;
import static dev.wirebrook.app.AuthCalls.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import dev.wirebrook.app.AuthCalls.Refusal;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two tenants on one server, each with a key, and somebody who calls for neither. */
@Timeout(60)
class TenantsIT {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir private Path folder;

    private final ApiKey acme = ApiKey.random(RANDOM);
    private final ApiKey zenith = ApiKey.random(RANDOM);
    private final ApiKey house = ApiKey.random(RANDOM);
    private TestNode server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        Path clients = folder.resolve("clients.jsonl");
        ClientsFile file = new ClientsFile(clients);
        file.append(client(acme, "acme", Scope.ALL));
        file.append(client(zenith, "zenith", Scope.EVENTS_WRITE, Scope.EVENTS_READ));
        file.append(client(house, "", Scope.ALL));
        server = TestNode.start(folder.resolve("data"), Map.of("auth.clients", clients.toString()));
        channel = NettyChannelBuilder.forTarget(server.target()).usePlaintext().build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    private static Client client(ApiKey key, String tenant, Scope... scopes) {
        return new Client.OfKey(
                new Principal("c-" + key.id(), tenant, Set.of(scopes)),
                key.id(),
                key.digest(),
                Instant.now(),
                Optional.empty(),
                Optional.empty());
    }

    private Channel of(ApiKey key) {
        return with(channel, "Bearer " + key.reveal());
    }

    private static Events batch(String clientId, String eventId) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setClientId(clientId))
                .addEvents(
                        Event.newBuilder()
                                .setId(eventId)
                                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("p")))
                .build();
    }

    private String dispatch(ApiKey key, String clientId, String eventId) {
        return EventServiceGrpc.newBlockingStub(of(key))
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .dispatch(batch(clientId, eventId))
                .getStatus();
    }

    @Test
    void a_tenants_batches_are_its_own_clients_ones() {
        assertThat(dispatch(acme, "acme", "1")).isEqualTo("SUCCESS");
        assertThat(dispatch(acme, "acme.web", "2")).isEqualTo("SUCCESS");
        assertThat(dispatch(house, "acme", "3")).isEqualTo("SUCCESS");
        for (String other : List.of("zenith", "acmeweb", "acm", "", "Acme", "zenith.acme")) {
            Refusal refusal = refusal(() -> dispatch(acme, other, "4"));
            assertThat(refusal.code()).as(other).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refusal.message()).contains("header.clientId", "begins with \"acme.\"");
        }
    }

    @Test
    void a_batch_without_a_header_or_with_two_of_them_gets_around_nothing() throws Exception {
        byte[] none = batch("acme", "h").toBuilder().clearHeader().build().toByteArray();
        byte[] own = batch("acme", "h1").toByteArray();
        byte[] other = batch("zenith", "h2").toByteArray();
        assertThat(post("application/proto", none).statusCode()).isEqualTo(403);
        assertThat(post("application/proto", joined(own, other)).statusCode()).isEqualTo(403);
        assertThat(post("application/proto", own).statusCode()).isEqualTo(200);
    }

    /** One message in which both have their fields: the header comes twice. */
    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void a_stream_of_batches_ends_at_one_of_another() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        List<IngestResponse> answers = new ArrayList<>();
        StreamObserver<IngestRequest> requests =
                IngestServiceGrpc.newStub(of(zenith))
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .ingest(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(IngestResponse response) {
                                        answers.add(response);
                                    }

                                    @Override
                                    public void onError(Throwable cause) {
                                        end.complete(cause);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        end.complete(Status.OK.asException());
                                    }
                                });
        requests.onNext(ingest(1, "zenith"));
        requests.onNext(ingest(2, "acme"));
        assertThat(Status.fromThrowable(end.get(20, TimeUnit.SECONDS)).getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(answers).hasSize(1);
    }

    private static IngestRequest ingest(long sequence, String clientId) {
        return IngestRequest.newBuilder()
                .setSequence(sequence)
                .setBatch(batch(clientId, "e" + sequence))
                .build();
    }

    @Test
    void holds_over_http_too() throws Exception {
        assertThat(post("acme.web").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = post("zenith");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("header.clientId");
    }

    private HttpResponse<String> post(String clientId) throws Exception {
        return post(
                "application/json",
                "{\"header\": {\"clientId\": \"%s\"}, \"events\": [{\"id\": \"1\", \"addToCartEvent\": {}}]}"
                        .formatted(clientId)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> post(String type, byte[] body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(server.http() + "/event.EventService/dispatch"))
                            .header("authorization", "Bearer " + acme.reveal())
                            .header("content-type", type)
                            .POST(BodyPublishers.ofByteArray(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    @Test
    void a_tenant_follows_its_own_events() {
        assertThat(dispatch(zenith, "zenith", "z")).isEqualTo("SUCCESS");
        assertThat(dispatch(acme, "acme.web", "a")).isEqualTo("SUCCESS");
        assertThat(dispatch(zenith, "zenith.web", "y")).isEqualTo("SUCCESS");
        assertThat(tailed(acme, 1)).containsExactly("a");
        assertThat(tailed(zenith, 2)).containsExactly("z", "y");
        assertThat(tailed(house, 3)).containsExactly("z", "a", "y");
    }

    private List<String> tailed(ApiKey key, int count) {
        Iterator<TailResponse> responses =
                IngestServiceGrpc.newBlockingStub(of(key))
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .tail(TailRequest.newBuilder().setPosition(0).setLimit(count).build());
        List<String> ids = new ArrayList<>();
        responses.forEachRemaining(response ->
                response.getEventsList().forEach(event -> ids.add(event.getEvent().getId())));
        return ids;
    }

    @Test
    void what_is_about_all_tenants_is_closed_to_one_of_them() {
        Refusal refusal = refusal(() -> status(of(acme)));
        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.message()).contains("about all tenants", "without a tenant");
        assertThat(status(of(house)).getRoutesCount()).isPositive();
    }
}
