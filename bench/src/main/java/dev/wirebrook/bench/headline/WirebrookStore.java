package dev.wirebrook.bench.headline;

import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A running server. What its warehouse takes on the disk is asked for in two ways. */
final class WirebrookStore implements Store {
    private static final Pattern BATCHES =
            Pattern.compile("(?m)^wirebrook_route_batches_total\\{.*} ([0-9.e+]+)$");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final WirebrookClient client;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI metrics;
    private final Bytes bytes;

    interface Bytes {
        long onDisk() throws Exception;
    }

    WirebrookStore(String grpc, String http, Bytes bytes) {
        client = WirebrookClient.builder().target(grpc).build();
        metrics = URI.create("http://" + http + "/metrics");
        this.bytes = bytes;
    }

    @Override
    public int loadRows() {
        return 1_000;
    }

    @Override
    public void load(Events rows) {
        write(rows);
    }

    /** A call for all of them, answered when they are durable. */
    @Override
    public void write(Events rows) {
        Response response = EventServiceGrpc.newBlockingStub(client.channel()).dispatch(rows);
        if (response.getAccepted() != rows.getEventsCount()) {
            throw new IllegalStateException(response.toString());
        }
    }

    @Override
    public long writesOfEngine() throws IOException, InterruptedException {
        String text =
                http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
        Matcher matcher = BATCHES.matcher(text);
        long writes = 0;
        while (matcher.find()) {
            writes += (long) Double.parseDouble(matcher.group(1));
        }
        return writes;
    }

    @Override
    public void settle() {
        client.admin().awaitStored(0, PATIENCE);
    }

    @Override
    public long query(String sql) {
        long rows = 0;
        for (Iterator<QueryResponse> answer = client.admin().query(sql, 0); answer.hasNext(); ) {
            rows += answer.next().getRowsCount();
        }
        return rows;
    }

    @Override
    public long bytes() throws Exception {
        return bytes.onDisk();
    }

    @Override
    public void close() {
        client.close();
    }
}
