package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.SmallDisk;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.Snapshot;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server on a real file system that is really full. */
class FullDiskIT {
    private static final int DISK_MIB = 96;

    /** Less than a segment. */
    private static final long LEFT_BYTES = 1 << 20;

    private static final Map<String, String> SMALL_JOURNAL =
            Map.of(
                    "journal.segment-bytes", "5MiB",
                    "journal.retention-bytes", "0B",
                    "journal.total-bytes-max", "1GiB",
                    "events.idempotency.ids-max", "1000");

    @TempDir private Path elsewhere;

    private SmallDisk disk;

    @BeforeEach
    void mount() {
        disk = SmallDisk.mount(DISK_MIB);
    }

    @AfterEach
    void unmount() {
        disk.close();
    }

    @Test
    void refuses_with_a_delay_while_the_disk_is_full_and_goes_on_when_there_is_room() {
        try (TestNode server = TestNode.start(disk.path().resolve("data"), SMALL_JOURNAL)) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.send();
            disk.fill(LEFT_BYTES);
            events.sendUntilRefused();
            await().untilAsserted(() -> assertThat(server.node().beats()).isTrue());

            disk.makeRoom();
            events.sendUntilAccepted();
            events.assertStoredOnce();
            assertThat(server.client().admin().status().getCounts().getStored())
                    .isEqualTo(events.size());
        }
    }

    @Test
    void starts_while_the_disk_is_full_and_goes_on_when_there_is_room() {
        Path data = disk.path().resolve("data");
        int stored;
        try (TestNode server = TestNode.start(data, SMALL_JOURNAL)) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.send();
            // It is written to the disk at every start.
            MarketDataServiceGrpc.newBlockingStub(server.client().channel())
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .putSnapshots(
                            PutSnapshotsRequest.newBuilder()
                                    .addSnapshots(Snapshot.newBuilder().setSymbolId(1).setLtp(2))
                                    .build());
            events.assertStoredOnce();
            stored = (int) server.client().admin().status().getCounts().getStored();
        }
        disk.fill(0);
        try (TestNode server = TestNode.start(data, SMALL_JOURNAL)) {
            assertThat(server.client().admin().status().getCounts().getStored()).isEqualTo(stored);
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            String refusal = events.sendUntilRefused();
            assertThat(refusal).contains(data.resolve("journal").toString());

            disk.makeRoom();
            events.sendUntilAccepted();
            events.assertStoredOnce();
        }
    }

    /** The warehouse is elsewhere, or it would take what is left for the dead letter. */
    @Test
    void parks_what_branch_sends_while_the_disk_is_full_and_lets_shopify_send_again() {
        Map<String, String> settings = new HashMap<>(SMALL_JOURNAL);
        settings.put("warehouse.file", elsewhere.resolve("warehouse.duckdb").toString());
        try (WebhookServer server = WebhookServer.start(disk.path().resolve("data"), settings)) {
            assertThat(shopify(server, "before").statusCode()).isEqualTo(200);
            int sent = 0;
            int refused = 0;
            int installs = 0;
            boolean isParked = false;
            // A segment that becomes stored in between goes for want of room, and there is some
            // again.
            while (!isParked) {
                disk.fill(LEFT_BYTES);
                HttpResponse<String> answer = shopify(server, "full-" + sent);
                while (answer.statusCode() == 200) {
                    sent++;
                    answer = shopify(server, "full-" + sent);
                }
                refused++;
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();

                HttpResponse<String> install =
                        server.post(
                                WebhookServer.BRANCH,
                                "{\"name\": \"INSTALL\", \"id\": %d}".formatted(installs));
                assertThat(install.statusCode()).as(install.body()).isEqualTo(200);
                installs++;
                isParked = install.body().contains("dead letter");
            }
            assertThat(server.parked()).hasSize(1);
            assertThat(server.counted("shopify", "unavailable")).isEqualTo(refused);
            assertThat(server.counted("branch", "quarantined")).isEqualTo(1);

            disk.makeRoom();
            String last = "full-" + sent;
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> shopify(server, last).statusCode() == 200);
            assertThat(server.replay().getReplayed()).isEqualTo(1);
            assertThat(server.value("select count(*) from application_installed_event"))
                    .isEqualTo(Integer.toString(installs));
            assertThat(
                            server.value(
                                    "select count(*) from webhook_received_event"
                                            + " where source = 'shopify'"))
                    .isEqualTo(Integer.toString(sent + 2));
        }
    }

    private static HttpResponse<String> shopify(WebhookServer server, String id) {
        return server.shopify("t", id, "{\"filler\": \"" + "x".repeat(500_000) + "\"}");
    }
}
