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
import dev.wirebrook.failure.Violation;
import dev.wirebrook.grpc.Replies;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Products in memory, 1,000,000 at most. Thread-safe. */
final class ProductService extends ProductServiceGrpc.ProductServiceImplBase {
    private static final int PRODUCTS_MAX = 1_000_000;
    private static final int PROBLEMS_MAX = 100;

    private final ConcurrentSkipListMap<String, Product> products = new ConcurrentSkipListMap<>();
    private final AtomicInteger created = new AtomicInteger();

    // The methods only translate; Replies has one way to answer for each type of call.

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
        if (request.getPageSize() < 0) {
            throw invalid(new Violation("page_size", "must be 0 or more"));
        }
        String wanted = request.getFilter().toLowerCase(Locale.ROOT);
        Stream<Product> page =
                products.tailMap(request.getPageToken(), false).values().stream()
                        .filter(product ->
                                product.getName().toLowerCase(Locale.ROOT).contains(wanted))
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

    // The catalogue itself. What a caller did wrong is a failure, which names the field.

    private Product find(String id) {
        Product product = products.get(id);
        if (product == null) {
            throw new FailureException(
                    new Failure.NotFound(
                            "there is no product '%s'; ListProducts names those there are"
                                    .formatted(id),
                            "product",
                            id));
        }
        return product;
    }

    private Product create(CreateProductRequest request) {
        List<Violation> violations = new ArrayList<>();
        if (request.getName().isBlank() || request.getName().length() > 200) {
            violations.add(new Violation("name", "must have 1 to 200 characters"));
        }
        if (!(request.getPrice() >= 0 && request.getPrice() <= 1_000_000)) {
            violations.add(new Violation("price", "must be 0 to 1,000,000"));
        }
        if (request.getInitialStock() < 0) {
            violations.add(new Violation("initial_stock", "must be 0 or more"));
        }
        if (!violations.isEmpty()) {
            throw invalid(violations.toArray(Violation[]::new));
        }
        int number = created.getAndUpdate(count -> Math.min(count + 1, PRODUCTS_MAX));
        if (number == PRODUCTS_MAX) {
            throw new FailureException(
                    new Failure.FailedPrecondition("the catalogue is full", "FULL", "catalogue"));
        }
        Product product =
                Product.newBuilder()
                        .setId("p%06d".formatted(number))
                        .setName(request.getName())
                        .setPrice(request.getPrice())
                        .setStock(request.getInitialStock())
                        .build();
        products.put(product.getId(), product);
        return product;
    }

    private void createOneOf(BatchResponse.Builder batch, CreateProductRequest request) {
        int index = batch.getCreatedCount() + batch.getFailedCount();
        try {
            create(request);
            batch.setCreatedCount(batch.getCreatedCount() + 1);
        } catch (FailureException e) {
            batch.setFailedCount(batch.getFailedCount() + 1);
            if (batch.getProblemsCount() < PROBLEMS_MAX) {
                batch.addProblems("requests[%d]: %s".formatted(index, e.failure().message()));
            }
        }
    }

    private InventoryStatus update(InventoryUpdate update) {
        InventoryStatus.Builder status =
                InventoryStatus.newBuilder().setProductId(update.getProductId());
        try {
            find(update.getProductId());
            Product changed =
                    products.computeIfPresent(
                            update.getProductId(),
                            (_, product) -> changed(product, update.getChange()));
            return status.setStock(changed.getStock()).build();
        } catch (FailureException e) {
            return status.setProblem(e.failure().message()).build();
        }
    }

    private static Product changed(Product product, int change) {
        long stock = (long) product.getStock() + change;
        if (stock < 0 || stock > Integer.MAX_VALUE) {
            throw invalid(
                    new Violation(
                            "change",
                            "must leave 0 to 2,147,483,647; there are " + product.getStock()));
        }
        return product.toBuilder().setStock((int) stock).build();
    }

    private static FailureException invalid(Violation... violations) {
        return new FailureException(
                new Failure.InvalidRequest(
                        String.join(
                                "; ",
                                Stream.of(violations)
                                        .map(v -> v.field() + ": " + v.description())
                                        .toList()),
                        List.of(violations)));
    }
}
