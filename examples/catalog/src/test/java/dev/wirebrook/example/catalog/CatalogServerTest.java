package dev.wirebrook.example.catalog;

import static dev.wirebrook.example.catalog.RunningCatalog.product;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ResourceInfo;
import dev.wirebrook.example.catalog.v1.BatchResponse;
import dev.wirebrook.example.catalog.v1.GetProductRequest;
import dev.wirebrook.example.catalog.v1.InventoryStatus;
import dev.wirebrook.example.catalog.v1.InventoryUpdate;
import dev.wirebrook.example.catalog.v1.ListProductsRequest;
import dev.wirebrook.example.catalog.v1.Product;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The catalogue as its clients see it. */
@Timeout(60)
class CatalogServerTest {
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
    void gets_what_was_created() {
        Product lamp = catalog.blocking().createProduct(product("Lamp", 9.99, 3));
        assertThat(lamp.getId()).isNotEmpty();
        assertThat(get(lamp.getId()))
                .isEqualTo(lamp)
                .isEqualTo(
                        Product.newBuilder()
                                .setId(lamp.getId())
                                .setName("Lamp")
                                .setPrice(9.99)
                                .setStock(3)
                                .build());
    }

    @Test
    void names_the_product_that_is_not_there() throws Exception {
        StatusRuntimeException failed = failing(() -> get("p999999"));
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        ResourceInfo missing = detail(failed, ResourceInfo.class);
        assertThat(missing.getResourceType()).isEqualTo("product");
        assertThat(missing.getResourceName()).isEqualTo("p999999");
    }

    @Test
    void names_every_field_that_is_wrong() throws Exception {
        StatusRuntimeException failed =
                failing(() -> catalog.blocking().createProduct(product(" ", Double.NaN, -1)));
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(detail(failed, BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("name", "price", "initial_stock");
        assertThat(list(ListProductsRequest.getDefaultInstance())).isEmpty();
    }

    @Test
    void lists_in_the_order_of_creation_what_the_request_asks_for() {
        for (String name : List.of("Lamp", "Table lamp", "Chair", "Lamp shade")) {
            catalog.blocking().createProduct(product(name, 1, 0));
        }
        assertThat(list(ListProductsRequest.getDefaultInstance()))
                .extracting(Product::getName)
                .containsExactly("Lamp", "Table lamp", "Chair", "Lamp shade");
        List<Product> page =
                list(ListProductsRequest.newBuilder().setFilter("Lamp").setPageSize(1).build());
        assertThat(page).extracting(Product::getName).containsExactly("Lamp");
        assertThat(
                        list(
                                ListProductsRequest.newBuilder()
                                        .setFilter("Lamp")
                                        .setPageToken(page.getLast().getId())
                                        .build()))
                .extracting(Product::getName)
                .containsExactly("Lamp shade");
        assertThat(
                        failing(() ->
                                        list(
                                                ListProductsRequest.newBuilder()
                                                        .setPageSize(-1)
                                                        .build()))
                                .getStatus()
                                .getDescription())
                .contains("page_size");
    }

    @Test
    void creates_the_good_ones_of_a_batch() {
        assertThat(
                        catalog.create(
                                List.of(
                                        product("Lamp", 1, 0),
                                        product("", 1, 0),
                                        product("Chair", 1, 0))))
                .isEqualTo(BatchResponse.newBuilder().setCreatedCount(2).setFailedCount(1).build());
        assertThat(list(ListProductsRequest.getDefaultInstance()))
                .extracting(Product::getName)
                .containsExactly("Lamp", "Chair");
    }

    @Test
    void answers_each_update_while_the_stream_goes_on() {
        String id = catalog.blocking().createProduct(product("Lamp", 1, 5)).getId();
        Heard<InventoryStatus> heard = new Heard<>(10);
        StreamObserver<InventoryUpdate> updates = catalog.async().syncInventory(heard);
        updates.onNext(update(id, -3));
        heard.awaitMessages(1);
        updates.onNext(update(id, -3));
        heard.awaitMessages(2);
        updates.onNext(update("p999999", 1));
        updates.onNext(update(id, Integer.MAX_VALUE));
        updates.onNext(update(id, 4));
        updates.onCompleted();
        heard.awaitOk();
        assertThat(heard.messages())
                .extracting(InventoryStatus::getStock)
                .containsExactly(2, 0, 0, 0, 6);
        assertThat(heard.messages().get(1).getProblem()).contains("change", "must not leave -1");
        assertThat(heard.messages().get(2).getProblem()).contains("p999999");
        assertThat(heard.messages().get(3).getProblem()).contains("must not leave 2147483649");
        assertThat(heard.messages().getLast().getProblem()).isEmpty();
        assertThat(get(id).getStock()).isEqualTo(6);
    }

    @Test
    void speaks_json() throws Exception {
        HttpResponse<String> created =
                catalog.post(
                        "/v1/products",
                        "{\"name\": \"Lamp\", \"price\": 2.5, \"initialStock\": 3}");
        assertThat(created.statusCode()).isEqualTo(200);
        HttpResponse<String> read = catalog.get("/v1/products/p000000");
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(JsonParser.parseString(read.body()))
                .isEqualTo(JsonParser.parseString(created.body()))
                .isEqualTo(
                        JsonParser.parseString(
                                "{\"id\":\"p000000\",\"name\":\"Lamp\",\"price\":2.5,\"stock\":3}"));
        catalog.post("/v1/products", "{\"name\": \"Chair\"}");
        assertThat(catalog.get("/v1/products?filter=air").body().lines())
                .containsExactly("{\"id\":\"p000001\",\"name\":\"Chair\"}");
        assertThat(catalog.get("/openapi.json").body()).contains("/v1/products/{id}", "1.0.0");
    }

    @Test
    void says_in_json_what_is_wrong() throws Exception {
        HttpResponse<String> missing = catalog.get("/v1/products/p999999");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).contains("google.rpc.ResourceInfo", "p999999");
        HttpResponse<String> invalid = catalog.post("/v1/products", "{\"price\": -1}");
        assertThat(invalid.statusCode()).isEqualTo(400);
        assertThat(invalid.body())
                .contains("google.rpc.BadRequest", "\"field\":\"name\"", "\"field\":\"price\"");
    }

    @Test
    void is_found_by_health_probes_and_reflection() throws Exception {
        assertThat(
                        HealthGrpc.newBlockingStub(catalog.channel)
                                .check(
                                        HealthCheckRequest.newBuilder()
                                                .setService("catalog.v1.ProductService")
                                                .build())
                                .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(catalog.get("/readyz").statusCode()).isEqualTo(200);
        Heard<ServerReflectionResponse> heard = new Heard<>(1);
        StreamObserver<ServerReflectionRequest> asked =
                ServerReflectionGrpc.newStub(catalog.channel).serverReflectionInfo(heard);
        asked.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        asked.onCompleted();
        heard.awaitOk();
        assertThat(heard.messages().getFirst().getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains("catalog.v1.ProductService");
    }

    @Test
    void refuses_messages_above_the_limit() {
        StatusRuntimeException failed =
                failing(() -> catalog.blocking().createProduct(product("x".repeat(5 << 20), 1, 0)));
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    private Product get(String id) {
        return catalog.blocking().getProduct(GetProductRequest.newBuilder().setId(id).build());
    }

    private List<Product> list(ListProductsRequest request) {
        List<Product> listed = new ArrayList<>();
        catalog.blocking().listProducts(request).forEachRemaining(listed::add);
        return listed;
    }

    private static InventoryUpdate update(String id, int change) {
        return InventoryUpdate.newBuilder().setProductId(id).setChange(change).build();
    }

    private static StatusRuntimeException failing(ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call);
    }

    private static <M extends com.google.protobuf.Message> M detail(
            StatusRuntimeException failed, Class<M> type) throws Exception {
        for (Any any : Objects.requireNonNull(StatusProto.fromThrowable(failed)).getDetailsList()) {
            if (any.is(type)) {
                return any.unpack(type);
            }
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + failed);
    }
}
