package dev.wirebrook.app;

import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Snapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/**
 * 163,405 updates of seven symbols as markets made them. They lie beside the repository, or where
 * {@code WIREBROOK_TEST_DATA} says; without them the test is skipped.
 */
final class MarketReplay {
    private MarketReplay() {}

    static List<Snapshot> read() throws IOException {
        String named = System.getenv("WIREBROOK_TEST_DATA");
        Path data = named == null ? Path.of("..", "..", "shared", "data") : Path.of(named);
        Path file = data.resolve("market").resolve("market_replay.csv.gz");
        Assumptions.assumeTrue(Files.exists(file), "no updates in " + file);
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(MarketReplay::snapshot).toList();
        }
    }

    private static Snapshot snapshot(String line) {
        String[] values = line.split(",", -1);
        Snapshot.Builder snapshot =
                Snapshot.newBuilder()
                        .setExchangeTime(Timestamps.fromMillis(Long.parseLong(values[0])))
                        .setSymbol(values[1])
                        .setExchange("replay");
        set(values[2], snapshot::setOpen);
        set(values[3], snapshot::setHigh);
        set(values[4], snapshot::setLow);
        set(values[5], snapshot::setLtp);
        set(values[6], snapshot::setVolume);
        set(values[7], snapshot::setBid);
        set(values[8], snapshot::setAsk);
        return snapshot.build();
    }

    private static void set(String value, DoubleConsumer field) {
        if (!value.isEmpty()) {
            field.accept(Double.parseDouble(value));
        }
    }
}
