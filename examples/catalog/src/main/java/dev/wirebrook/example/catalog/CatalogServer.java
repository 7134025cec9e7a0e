package dev.wirebrook.example.catalog;

import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.kit.ServiceHost;
import java.io.IOException;

/** Serves the catalogue: gRPC on port 8017, JSON and probes on 8019. */
public final class CatalogServer {
    private CatalogServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        ServiceHost host = start(8017, 8019);
        // A signal that asks the process to end lets the calls in progress end first.
        Runtime.getRuntime().addShutdownHook(new Thread(host::close, "catalog-shutdown"));
        host.awaitStopped();
    }

    /** Also what the tests start. */
    static ServiceHost start(int grpcPort, int httpPort) throws IOException {
        return ServiceHost.builder()
                // A client may hold this stream for ever; the others end by themselves.
                .service(HostedService.of(new ProductService()).endedOnDrain("SyncInventory"))
                .grpcPort(grpcPort)
                .httpPort(httpPort)
                .version("1.0.0")
                .start();
    }
}
