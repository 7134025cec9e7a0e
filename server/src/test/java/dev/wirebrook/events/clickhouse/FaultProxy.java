package dev.wirebrook.events.clickhouse;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Stands between a client and a server, and does to one request what a network can do. */
final class FaultProxy implements AutoCloseable {
    private static final Set<String> OWN_HEADERS = ownHeaders();

    private final URI target;
    private final HttpServer listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<@Nullable Plan> next = new AtomicReference<>();

    /** What happens to the request. Ended by the time that {@link Plan#done} opens. */
    enum Fault {
        /** The server never sees it. */
        LOSE_REQUEST,
        /** The server has done it, and nobody learns of it. */
        LOSE_ANSWER,
        /** The server sees it only after {@link Plan#release}. */
        HOLD_BACK
    }

    /**
     * @param statement that the request's statement begins with
     * @param before runs when it is there
     */
    record Plan(
            String statement,
            Fault fault,
            Runnable before,
            CountDownLatch released,
            CountDownLatch done) {
        void release() throws InterruptedException {
            released.countDown();
            done.await();
        }
    }

    FaultProxy(URI target) {
        this.target = target;
        try {
            listener =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listener.setExecutor(threads);
        listener.createContext("/", this::serve);
        listener.start();
    }

    private static Set<String> ownHeaders() {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(
                Set.of(
                        "Connection",
                        "Content-Length",
                        "Date",
                        "Expect",
                        "Host",
                        "Transfer-Encoding",
                        "Upgrade"));
        return names;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + listener.getAddress().getPort());
    }

    /** Does it to the next request whose statement begins so; all others pass. */
    Plan once(String statement, Fault fault) {
        return once(statement, fault, () -> {});
    }

    Plan once(String statement, Fault fault, Runnable before) {
        Plan plan =
                new Plan(statement, fault, before, new CountDownLatch(1), new CountDownLatch(1));
        next.set(plan);
        return plan;
    }

    /** Whether the request that was waited for has come. */
    boolean hasCome() {
        return next.get() == null;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange;
                InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readAllBytes();
            String query = String.valueOf(exchange.getRequestURI().getRawQuery());
            String statement = URLDecoder.decode(query, StandardCharsets.UTF_8);
            Plan plan = next.get();
            if (plan != null
                    && statement.contains("query=" + plan.statement)
                    && next.compareAndSet(plan, null)) {
                carryOut(plan, exchange, body);
            } else {
                answer(exchange, forward(exchange, body));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever it is, the exchange ends without an answer. */
    private void carryOut(Plan plan, HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        try {
            plan.before.run();
            switch (plan.fault) {
                case LOSE_REQUEST -> {}
                case LOSE_ANSWER -> forward(exchange, body);
                case HOLD_BACK -> {
                    plan.released.await();
                    forward(exchange, body);
                }
            }
        } finally {
            plan.done.countDown();
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().entrySet().stream()
                .filter(header -> !OWN_HEADERS.contains(header.getKey()))
                .forEach(header ->
                        header.getValue().forEach(v -> request.header(header.getKey(), v)));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void answer(HttpExchange exchange, HttpResponse<byte[]> response)
            throws IOException {
        Headers headers = exchange.getResponseHeaders();
        response.headers().map().entrySet().stream()
                .filter(header -> !OWN_HEADERS.contains(header.getKey()))
                .forEach(header -> headers.put(header.getKey(), header.getValue()));
        byte[] content = response.body();
        exchange.sendResponseHeaders(
                response.statusCode(), content.length == 0 ? -1 : content.length);
        exchange.getResponseBody().write(content);
    }

    @Override
    public void close() {
        Plan plan = next.get();
        if (plan != null) {
            plan.released.countDown();
        }
        listener.stop(0);
        threads.shutdownNow();
        client.shutdownNow();
    }
}
