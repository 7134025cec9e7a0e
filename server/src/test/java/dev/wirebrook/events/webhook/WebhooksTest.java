package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.events.PipelineSettings;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.RouteStarts;
import dev.wirebrook.events.duckdb.DuckDbSettings;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
import dev.wirebrook.events.journal.JournalEventLog;
import dev.wirebrook.events.sqlite.SqliteDeadLetterStore;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What senders are told when log, dead letters or places are short. The engines are real. */
@Timeout(60)
class WebhooksTest {
    private static final byte[] BODY = "{\"foo\": \"bar\"}".getBytes(StandardCharsets.UTF_8);
    private static final WebhookRequest SHOPIFY =
            request(
                    "/webhooks/shopify",
                    Map.of(
                            "X-Shopify-Hmac-Sha256",
                            List.of("B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=")));
    private static final WebhookRequest BRANCH = request("/webhooks/branch/p", Map.of());

    @TempDir private Path directory;

    private final Workers workers = new Workers();
    private final ConcurrentLinkedQueue<EventLog.Append> held = new ConcurrentLinkedQueue<>();
    private volatile boolean logStalls;
    private volatile boolean noRoomForDeadLetters;

    private EventLog log;
    private DeadLetterStore deadLetters;
    private DuckDbWarehouse warehouse;
    private EventPipeline pipeline;
    private Webhooks webhooks;

    @BeforeEach
    void start() throws IOException {
        EventCatalog catalog = EventCatalog.standard();
        log =
                new JournalEventLog(
                        Journal.open(
                                directory.resolve("journal"),
                                JournalSettings.dev(),
                                InstantSource.system()));
        deadLetters = new SqliteDeadLetterStore(directory.resolve("dead-letters.db"));
        warehouse =
                new DuckDbWarehouse(
                        catalog,
                        DuckDbSettings.of(directory.resolve("warehouse.duckdb")),
                        workers.timer(),
                        workers::startBlocking);
        List<WebhookSource> sources =
                List.of(
                        new ShopifyWebhook("test_secret_key"),
                        new BranchWebhook(Optional.of("p"), List.of()));
        WebhookTransform transform = new WebhookTransform(catalog, sources);
        DeadLetterStore fallible =
                inFrontOf(
                        DeadLetterStore.class,
                        deadLetters,
                        (method, _) -> {
                            if (noRoomForDeadLetters && method.equals("park")) {
                                throw new UncheckedIOException(new IOException("disk is full"));
                            }
                            return true;
                        });
        EventLog stalling =
                inFrontOf(
                        EventLog.class,
                        log,
                        (method, arguments) ->
                                !logStalls
                                        || !method.equals("append")
                                        || !held.add((EventLog.Append) arguments[0]));
        pipeline =
                new EventPipeline(
                        catalog,
                        settings(),
                        RouteStarts.NONE,
                        stalling,
                        Map.of("warehouse", warehouse),
                        fallible,
                        transform,
                        workers,
                        InstantSource.system());
        pipeline.start();
        webhooks =
                new Webhooks(
                        sources,
                        transform,
                        pipeline.intake(),
                        fallible,
                        1_000,
                        InstantSource.system());
    }

    @AfterEach
    void stop() {
        pipeline.close();
        warehouse.close();
        workers.close();
    }

    private static PipelineSettings settings() {
        return new PipelineSettings(
                1 << 20,
                10_000,
                8 << 20,
                100,
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                100_000,
                Duration.ofHours(1),
                3,
                new Backoff(Duration.ofMillis(1), Duration.ofMillis(20)),
                List.of(
                        new RouteSpec(
                                "all",
                                List.of("*"),
                                "warehouse",
                                1_000,
                                8 << 20,
                                Duration.ofMillis(20))));
    }

    /** Decides before each call whether it goes on to the engine. */
    private interface Gate {
        boolean passes(String method, Object[] arguments);
    }

    private static <T> T inFrontOf(Class<T> port, T engine, Gate gate) {
        InvocationHandler handler =
                (_, method, arguments) -> {
                    if (!gate.passes(method.getName(), arguments)) {
                        return null;
                    }
                    try {
                        return method.invoke(engine, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                };
        return port.cast(
                Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
    }

    private static WebhookRequest request(String path, Map<String, List<String>> headers) {
        return new WebhookRequest(path, null, headers, InetAddress.getLoopbackAddress());
    }

    private WebhookAnswer answer(WebhookRequest request, byte[] body) throws InterruptedException {
        return switch (webhooks.open(request)) {
            case Webhooks.Refused(WebhookAnswer answer) -> answer;
            case Webhooks.Opened(WebhookDelivery delivery) -> {
                try (delivery) {
                    yield delivery.receive(body);
                }
            }
        };
    }

    private List<DeadLetter> parked() {
        return deadLetters.list(DeadLetterFilter.ALL, 0, 100);
    }

    @Test
    void answers_within_the_senders_patience_when_the_log_does_not() throws Exception {
        logStalls = true;
        long start = System.nanoTime();
        WebhookAnswer answer = answer(SHOPIFY, BODY);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.retryDelay()).isPresent();
        // It becomes durable after all, and its sender, told nothing of that, sends again.
        logStalls = false;
        held.forEach(log::append);
        assertThat(answer(SHOPIFY, BODY).status()).isEqualTo(200);
        assertThat(pipeline.awaitSettled(0, Duration.ofSeconds(30))).isTrue();
        assertThat(pipeline.counts().settled().stored()).isEqualTo(1);
        assertThat(pipeline.counts().settled().duplicate()).isEqualTo(1);
        assertThat(parked()).isEmpty();
    }

    @Test
    void who_sends_again_is_told_when_and_who_gives_up_is_parked() throws Exception {
        Duration delay = Duration.ofSeconds(7);
        for (Failure refusal :
                List.of(
                        new Failure.Overloaded("full", delay),
                        new Failure.Unavailable("no disk", delay),
                        new Failure.Draining("leaving", delay))) {
            pipeline.refuse(refusal);
            WebhookAnswer told = answer(SHOPIFY, BODY);
            assertThat(told.status()).isEqualTo(503);
            assertThat(told.text()).isEqualTo(refusal.message());
            assertThat(told.retryDelay()).contains(delay);
            assertThat(parked()).isEmpty();
        }
        assertThat(answer(BRANCH, BODY).status()).isEqualTo(200);
        assertThat(parked())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).isEqualTo("leaving"));
        assertThat(webhooks.deliveries("shopify", WebhookOutcome.UNAVAILABLE)).isEqualTo(3);
        assertThat(webhooks.deliveries("branch", WebhookOutcome.QUARANTINED)).isEqualTo(1);
    }

    @Test
    void nobody_is_told_200_when_there_is_no_room_at_all() throws Exception {
        pipeline.refuse(new Failure.Overloaded("full", Duration.ofSeconds(1)));
        noRoomForDeadLetters = true;
        for (WebhookRequest request : List.of(SHOPIFY, BRANCH)) {
            WebhookAnswer answer = answer(request, BODY);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.retryDelay()).isPresent();
        }
        assertThat(answer(BRANCH, "no json".getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(503);
        noRoomForDeadLetters = false;
        assertThat(answer(BRANCH, BODY).status()).isEqualTo(200);
        assertThat(parked()).hasSize(1);
    }

    @Test
    void a_batch_that_the_log_never_takes_is_parked() throws Exception {
        pipeline.refuse(new Failure.TooLarge("too large", "events.batch-bytes-max", 1));
        assertThat(answer(SHOPIFY, BODY).status()).isEqualTo(200);
        assertThat(parked())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).isEqualTo("too large"));
    }

    @Test
    void each_sender_has_places_of_its_own_and_who_comes_late_waits() throws Exception {
        List<WebhookDelivery> open = new ArrayList<>();
        for (int i = 0; i < WebhookDoor.DELIVERIES_MAX; i++) {
            open.add(((Webhooks.Opened) webhooks.open(SHOPIFY)).delivery());
        }
        assertThat(answer(BRANCH, BODY).status()).isEqualTo(200);
        CompletableFuture<WebhookAnswer> late = new CompletableFuture<>();
        Thread sender =
                Thread.startVirtualThread(() -> {
                    try {
                        late.complete(answer(SHOPIFY, BODY));
                    } catch (InterruptedException e) {
                        late.completeExceptionally(e);
                    }
                });
        await().until(() -> sender.getState() == Thread.State.TIMED_WAITING);
        assertThat(late).isNotDone();
        // Once, however often it is closed.
        open.getFirst().close();
        open.getFirst().close();
        assertThat(late.get(3, TimeUnit.SECONDS).status()).isEqualTo(200);
        open.set(0, ((Webhooks.Opened) webhooks.open(SHOPIFY)).delivery());
        assertThat(webhooks.open(SHOPIFY))
                .isInstanceOfSatisfying(
                        Webhooks.Refused.class,
                        refused -> {
                            assertThat(refused.answer().status()).isEqualTo(503);
                            assertThat(refused.answer().retryDelay()).isPresent();
                        });
        open.forEach(WebhookDelivery::close);
        assertThat(answer(SHOPIFY, BODY).status()).isEqualTo(200);
    }
}
