package dev.wirebrook.example.catalog;

import static dev.wirebrook.example.catalog.RunningCatalog.product;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.example.catalog.v1.GetProductRequest;
import dev.wirebrook.example.catalog.v1.InventoryStatus;
import dev.wirebrook.example.catalog.v1.InventoryUpdate;
import dev.wirebrook.example.catalog.v1.ListProductsRequest;
import dev.wirebrook.example.catalog.v1.Product;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow or go away, and a server that does. */
@Timeout(120)
class CatalogStreamsTest {
    /** Of some 210 bytes: 4 MB, where a stream that nobody reads holds some 100 KB. */
    private static final int PRODUCTS = 20_000;

    private static final int FEW = 2_000;

    private RunningCatalog catalog;

    @BeforeEach
    void start() throws Exception {
        catalog = new RunningCatalog();
    }

    @AfterEach
    void stop() {
        catalog.close();
    }

    @Test
    void lists_no_faster_than_its_client_reads() {
        Heard<Product> heard = listed();
        awaitFew("wirebrook_grpc_messages_sent_total", "ListProducts");
        heard.read(PRODUCTS);
        heard.awaitOk();
        heard.awaitMessages(PRODUCTS);
    }

    @Test
    void reads_no_updates_of_a_client_that_reads_no_statuses() {
        Heard<InventoryStatus> heard = new Heard<>(1);
        StreamObserver<InventoryUpdate> updates = catalog.async().syncInventory(heard);
        String unknown = "x".repeat(200);
        for (int i = 0; i < PRODUCTS; i++) {
            updates.onNext(InventoryUpdate.newBuilder().setProductId(unknown).build());
        }
        updates.onCompleted();
        heard.awaitMessages(1);
        awaitFew("wirebrook_grpc_messages_sent_total", "SyncInventory");
        heard.read(PRODUCTS);
        heard.awaitOk();
        heard.awaitMessages(PRODUCTS);
    }

    @Test
    void stops_listing_for_a_client_that_cancels() {
        Heard<Product> heard = listed();
        heard.cancel();
        awaitEnded("CANCELLED");
        awaitFew("wirebrook_grpc_messages_sent_total", "ListProducts");
    }

    @Test
    void stops_listing_when_the_deadline_has_passed() {
        createProducts();
        Heard<Product> heard = new Heard<>(1);
        catalog.async()
                .withDeadlineAfter(1, TimeUnit.SECONDS)
                .listProducts(ListProductsRequest.getDefaultInstance(), heard);
        assertThat(heard.awaitFailure()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        awaitEnded("DEADLINE_EXCEEDED", "CANCELLED");
        awaitFew("wirebrook_grpc_messages_sent_total", "ListProducts");
    }

    @Test
    void ends_when_the_calls_in_progress_have() throws Exception {
        Heard<Product> list = listed();
        Heard<InventoryStatus> sync = new Heard<>(1);
        catalog.async().syncInventory(sync).onNext(InventoryUpdate.getDefaultInstance());
        sync.awaitMessages(1);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(catalog.host::close);
        assertThat(sync.awaitFailure()).isEqualTo(Status.Code.UNAVAILABLE);
        await().until(() -> newCall() == Status.Code.UNAVAILABLE);
        await().until(() -> catalog.get("/readyz").statusCode() == 503);
        assertThat(closed).isNotDone();
        list.read(PRODUCTS);
        list.awaitOk();
        list.awaitMessages(PRODUCTS);
        closed.get(10, TimeUnit.SECONDS);
        catalog.host.awaitStopped();
    }

    /** A list of which one product has been read. */
    private Heard<Product> listed() {
        createProducts();
        Heard<Product> heard = new Heard<>(1);
        catalog.async().listProducts(ListProductsRequest.getDefaultInstance(), heard);
        heard.awaitMessages(1);
        return heard;
    }

    private void createProducts() {
        catalog.create(Collections.nCopies(PRODUCTS, product("x".repeat(200), 1, 0)));
    }

    private void awaitFew(String metric, String method) {
        await().during(Duration.ofSeconds(1)).until(() -> catalog.metric(metric, method, "") < FEW);
    }

    /** The client's reset and the server's own clock race: either may end a call that is late. */
    private void awaitEnded(String... codes) {
        await().until(() ->
                Stream.of(codes).mapToLong(this::ended).sum() == 1
                        && catalog.metric("wirebrook_grpc_open_calls", "ListProducts", "") == 0);
    }

    private long ended(String code) {
        return catalog.metric(
                "wirebrook_grpc_calls_total", "ListProducts", "code=\"%s\",".formatted(code));
    }

    private Status.Code newCall() {
        try {
            catalog.blocking().getProduct(GetProductRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}
