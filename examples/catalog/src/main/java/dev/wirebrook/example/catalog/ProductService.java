package dev.wirebrook.example.catalog;

import dev.wirebrook.example.catalog.v1.BatchResponse;
import dev.wirebrook.example.catalog.v1.CreateProductRequest;
import dev.wirebrook.example.catalog.v1.GetProductRequest;
import dev.wirebrook.example.catalog.v1.InventoryStatus;
import dev.wirebrook.example.catalog.v1.InventoryUpdate;
import dev.wirebrook.example.catalog.v1.ListProductsRequest;
import dev.wirebrook.example.catalog.v1.Product;
import dev.wirebrook.example.catalog.v1.ProductServiceGrpc;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.failure.RequestCheck;
import dev.wirebrook.grpc.Replies;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Products in memory, 1,000,000 at most. Thread-safe. */
final class ProductService extends ProductServiceGrpc.ProductServiceImplBase {
    private static final int PRODUCTS_MAX = 1_000_000;
    private final ConcurrentSkipListMap<String, Product> products = new ConcurrentSkipListMap<>();
    private final AtomicInteger created = new AtomicInteger();

    @Override
    public void getProduct(GetProductRequest request, StreamObserver<Product> responses) {
        Replies.one(responses, find(request.getId()));
    }

    @Override
    public void createProduct(CreateProductRequest request, StreamObserver<Product> responses) {
        Replies.one(responses, create(request));
    }

    @Override
    public void listProducts(ListProductsRequest request, StreamObserver<Product> responses) {
        new RequestCheck()
                .require(request.getPageSize() >= 0, "page_size", "must be 0 or more")
                .orThrow();
        Stream<Product> page =
                products.tailMap(request.getPageToken(), false).values().stream()
                        .filter(product -> product.getName().contains(request.getFilter()))
                        .limit(request.getPageSize() == 0 ? PRODUCTS_MAX : request.getPageSize());
        Replies.many(responses, page.iterator());
    }

    @Override
    public StreamObserver<CreateProductRequest> batchCreateProducts(
            StreamObserver<BatchResponse> responses) {
        BatchResponse.Builder batch = BatchResponse.newBuilder();
        return Replies.toAll(responses, request -> createOneOf(batch, request), batch::build);
    }

    @Override
    public StreamObserver<InventoryUpdate> syncInventory(
            StreamObserver<InventoryStatus> responses) {
        return Replies.toEach(responses, this::update);
    }

    private Product find(String id) {
        Product product = products.get(id);
        if (product == null) {
            throw new FailureException(Failure.NotFound.of("product", id));
        }
        return product;
    }

    private Product create(CreateProductRequest request) {
        String name = request.getName();
        double price = request.getPrice();
        new RequestCheck()
                .require(
                        !name.isBlank() && name.length() <= 200,
                        "name",
                        "must have 1 to 200 characters")
                .require(price >= 0 && price <= 1_000_000, "price", "must be 0 to 1,000,000")
                .require(request.getInitialStock() >= 0, "initial_stock", "must be 0 or more")
                .orThrow();
        int number = created.getAndUpdate(count -> Math.min(count + 1, PRODUCTS_MAX));
        if (number == PRODUCTS_MAX) {
            throw new FailureException(
                    new Failure.FailedPrecondition("the catalogue is full", "FULL", "catalogue"));
        }
        Product product =
                Product.newBuilder()
                        .setId("p%06d".formatted(number))
                        .setName(name)
                        .setPrice(price)
                        .setStock(request.getInitialStock())
                        .build();
        products.put(product.getId(), product);
        return product;
    }

    private void createOneOf(BatchResponse.Builder batch, CreateProductRequest request) {
        try {
            create(request);
            batch.setCreatedCount(batch.getCreatedCount() + 1);
        } catch (FailureException e) {
            batch.setFailedCount(batch.getFailedCount() + 1);
        }
    }

    // Synchronized: of two updates of a product, each counts.
    private synchronized InventoryStatus update(InventoryUpdate update) {
        String id = update.getProductId();
        InventoryStatus.Builder status = InventoryStatus.newBuilder().setProductId(id);
        try {
            Product product = find(id);
            long left = (long) product.getStock() + update.getChange();
            new RequestCheck()
                    .require(left == (int) left && left >= 0, "change", "must not leave " + left)
                    .orThrow();
            products.put(id, product.toBuilder().setStock((int) left).build());
            return status.setStock((int) left).build();
        } catch (FailureException e) {
            return status.setProblem(e.failure().message()).build();
        }
    }
}
