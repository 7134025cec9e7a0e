package dev.wirebrook.bench.webpeer;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * One snapshot per call as Spring Boot answers it when nothing is tuned: Tomcat, Jackson, a record.
 * Argument: {@code --server.port=PORT}.
 */
@SpringBootApplication
@RestController
public class SpringSnapshots {
    private final Map<String, Snapshot> snapshots =
            Map.of(
                    "NSE:RELIANCE",
                    new Snapshot(
                            "NSE:RELIANCE",
                            "NSE",
                            2890.55,
                            2871.10,
                            2899.95,
                            2868.00,
                            2885.40,
                            "4182734",
                            "1767225600123",
                            "991827"));

    /** What a market snapshot holds; integers of 64 bits are text, as in the mapping of proto3. */
    public record Snapshot(
            String symbol,
            String exchange,
            double ltp,
            double open,
            double high,
            double low,
            double close,
            String volume,
            String exchangeTimeMillis,
            String sequence) {}

    /** Runs it. */
    public static void main(String[] arguments) {
        SpringApplication.run(SpringSnapshots.class, arguments);
    }

    /** A batch of snapshots. */
    @GetMapping("/v1/snapshots")
    public List<Snapshot> batch(@RequestParam int count) {
        return Collections.nCopies(count, snapshots.values().iterator().next());
    }

    /** The snapshot of a symbol. */
    @GetMapping("/v1/snapshots/{symbol}")
    public ResponseEntity<Snapshot> snapshot(@PathVariable String symbol) {
        return ResponseEntity.ofNullable(snapshots.get(symbol));
    }
}
