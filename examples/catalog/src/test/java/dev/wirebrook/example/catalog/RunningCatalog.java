package dev.wirebrook.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.example.catalog.v1.BatchResponse;
import dev.wirebrook.example.catalog.v1.CreateProductRequest;
import dev.wirebrook.example.catalog.v1.ProductServiceGrpc;
import dev.wirebrook.kit.ServiceHost;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server as its main starts it, on free ports, and clients of it. */
final class RunningCatalog implements AutoCloseable {
    /** Small, so that a stream nobody reads is full soon. */
    private static final int WINDOW_BYTES = 64 << 10;

    final ServiceHost host;
    final ManagedChannel channel;
    private final HttpClient http = HttpClient.newHttpClient();

    RunningCatalog() throws IOException {
        host = CatalogServer.start(0, 0);
        channel =
                NettyChannelBuilder.forAddress(host.grpcAddress())
                        .usePlaintext()
                        .flowControlWindow(WINDOW_BYTES)
                        .build();
    }

    ProductServiceGrpc.ProductServiceBlockingStub blocking() {
        return ProductServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ProductServiceGrpc.ProductServiceStub async() {
        return ProductServiceGrpc.newStub(channel);
    }

    static CreateProductRequest product(String name, double price, int stock) {
        return CreateProductRequest.newBuilder()
                .setName(name)
                .setPrice(price)
                .setInitialStock(stock)
                .build();
    }

    /** Creates them in one batch. */
    BatchResponse create(List<CreateProductRequest> products) {
        Heard<BatchResponse> heard = new Heard<>(1);
        StreamObserver<CreateProductRequest> requests = async().batchCreateProducts(heard);
        products.forEach(requests::onNext);
        requests.onCompleted();
        heard.awaitOk();
        return heard.messages().getFirst();
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    HttpResponse<String> post(String path, String json) throws Exception {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(host.httpAddress().getPort(), path));
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return http.send(request, BodyHandlers.ofString());
    }

    /** A metric of a method, as a scraper sees it; 0 when it is not there. */
    long metric(String name, String method, String moreLabels) {
        try {
            HttpResponse<String> scraped = get("/metrics");
            assertThat(scraped.statusCode()).isEqualTo(200);
            Matcher line =
                    Pattern.compile(
                                    Pattern.quote(
                                                    "%s{%smethod=\"catalog.v1.ProductService/%s\"}"
                                                            .formatted(name, moreLabels, method))
                                            + " (\\S+)")
                            .matcher(scraped.body());
            return line.find() ? (long) Double.parseDouble(line.group(1)) : 0;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        http.close();
        host.close();
    }
}
