package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.grpc.FailureStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole server on a real file system that is really full: needs root and loop devices, else it is
 * skipped.
 */
class FullDiskIT {
    private static final int DISK_MIB = 96;
    private static final int BATCH_EVENTS = 500;

    private static final Map<String, String> SMALL_JOURNAL =
            Map.of(
                    "journal.segment-bytes", "5MiB",
                    "journal.retention-bytes", "0B",
                    "journal.total-bytes-max", "1GiB",
                    "events.idempotency.ids-max", "1000");

    @TempDir private Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        Path image = directory.resolve("image");
        boolean mounted =
                run("truncate", "-s", DISK_MIB + "M", image.toString())
                        && run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString())
                        && run("mount", "-o", "loop", image.toString(), disk.toString());
        Assumptions.assumeTrue(mounted, "no loop device can be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void refuses_with_a_delay_while_the_disk_is_full_and_goes_on_when_there_is_room()
            throws Exception {
        Path ballast = disk.resolve("ballast");
        long acknowledged = 0;
        try (TestNode server = TestNode.start(disk.resolve("data"), SMALL_JOURNAL)) {
            // Something else takes all the room but a little.
            acknowledged += send(server, acknowledged);
            fill(ballast);
            StatusRuntimeException refusal = null;
            while (refusal == null) {
                try {
                    acknowledged += send(server, acknowledged);
                } catch (StatusRuntimeException e) {
                    refusal = e;
                }
            }
            assertThat(refusal.getStatus().getCode())
                    .as(refusal.toString())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            Metadata trailers = refusal.getTrailers();
            assertThat(trailers).isNotNull();
            com.google.rpc.Status details = trailers.get(FailureStatus.DETAILS);
            assertThat(details).isNotNull();
            assertThat(details.getDetailsList()).anyMatch(any -> any.is(RetryInfo.class));
            await().untilAsserted(() -> assertThat(server.node().beats()).isTrue());

            Files.delete(ballast);
            long before = acknowledged;
            long[] after = {0};
            await().atMost(Duration.ofSeconds(30))
                    .ignoreException(StatusRuntimeException.class)
                    .until(() -> (after[0] = send(server, before)) > 0);
            acknowledged += after[0];
            server.client().admin().awaitStored(0, Duration.ofSeconds(60));
            assertThat(server.client().admin().status().getCounts().getStored())
                    .isEqualTo(acknowledged);
        }
    }

    @Test
    void parks_what_branch_sends_while_the_disk_is_full_and_lets_shopify_send_again()
            throws Exception {
        Path ballast = disk.resolve("ballast");
        try (WebhookServer server = WebhookServer.start(disk.resolve("data"), SMALL_JOURNAL)) {
            assertThat(shopify(server, "before").statusCode()).isEqualTo(200);
            fill(ballast);
            HttpResponse<String> refused = shopify(server, "full-0");
            int sent = 1;
            while (refused.statusCode() == 200) {
                refused = shopify(server, "full-" + sent++);
            }
            String last = "full-" + (sent - 1);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();

            HttpResponse<String> parked =
                    server.post(WebhookServer.BRANCH, "{\"name\": \"INSTALL\"}");
            assertThat(parked.statusCode()).as(parked.body()).isEqualTo(200);
            assertThat(parked.body()).contains("dead letter");
            assertThat(server.parked()).hasSize(1);
            assertThat(server.counted("shopify", "unavailable")).isEqualTo(1);
            assertThat(server.counted("branch", "quarantined")).isEqualTo(1);

            Files.delete(ballast);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> shopify(server, last).statusCode() == 200);
            assertThat(server.replay().getReplayed()).isEqualTo(1);
            assertThat(server.value("select count(*) from application_installed_event"))
                    .isEqualTo("1");
            assertThat(
                            server.value(
                                    "select count(*) from webhook_received_event"
                                            + " where source = 'shopify'"))
                    .isEqualTo(Integer.toString(sent + 1));
        }
    }

    private static HttpResponse<String> shopify(WebhookServer server, String id) {
        return server.shopify("t", id, "{\"filler\": \"" + "x".repeat(500_000) + "\"}");
    }

    /** Leaves less than a segment, in one file that no hole helps. */
    private static void fill(Path ballast) throws IOException {
        byte[] chunk = new byte[256 * 1_024];
        try (var out = Files.newOutputStream(ballast)) {
            long leave = 1 << 20;
            while (Files.getFileStore(ballast).getUsableSpace() > leave) {
                out.write(chunk);
                out.flush();
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("space");
        }
    }

    private static long send(TestNode server, long first) {
        Events.Builder batch = Events.newBuilder();
        for (int i = 0; i < BATCH_EVENTS; i++) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId("d" + (first + i))
                            .setCompletePurchaseEvent(
                                    CompletePurchaseEvent.newBuilder()
                                            .setOrderId("order-" + (first + i))
                                            .setPaymentMethod("x".repeat(200))));
        }
        Response response =
                EventServiceGrpc.newBlockingStub(server.client().channel())
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .dispatch(batch.build());
        return response.getAccepted();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }
}
