package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Warehouse files that were cut off or written over, and write-ahead logs. */
class DamagedWarehouseTest {
    private static final int HEADER_BYTES = 12_288;
    private static final int BLOCK_BYTES = 256 << 10;
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final Warehouse.QueryObserver NOBODY =
            new Warehouse.QueryObserver() {
                @Override
                public void columns(List<Warehouse.Column> columns) {}

                @Override
                public boolean row(List<@Nullable Object> values) {
                    return true;
                }
            };

    @TempDir Path folder;

    private Path file() {
        return folder.resolve("warehouse.duckdb");
    }

    private Path wal() {
        return folder.resolve("warehouse.duckdb.wal");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 25, 50, 75, 90, 99})
    void a_file_that_was_cut_off_is_not_opened_and_the_message_says_what_to_do(int percent)
            throws IOException {
        fill(60_000);
        truncate(file(), Math.max(1, Files.size(file()) * percent / 100));
        long before = Files.size(file());
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder)) {
            assertThatThrownBy(() -> warehouse.sink("r"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("restore the file from a backup, or move it away");
        }
        assertThat(Files.size(file())).isEqualTo(before);
        Files.delete(file());
        Files.deleteIfExists(wal());
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder)) {
            assertThat(write(warehouse, 1, 10)).isEqualTo(new SinkResult.Stored());
        }
    }

    /** Rows and progress are in one transaction: a log that ends early takes both back. */
    @ParameterizedTest
    @ValueSource(ints = {5, 30, 60, 95})
    void a_write_ahead_log_that_was_cut_off_takes_whole_batches_back_or_is_refused(int percent)
            throws IOException, SQLException {
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder)) {
            for (int batch = 1; batch <= 20; batch++) {
                assertThat(write(warehouse, batch, 100)).isEqualTo(new SinkResult.Stored());
            }
            Files.createDirectories(folder.resolve("copy"));
            Files.copy(file(), folder.resolve("copy/warehouse.duckdb"));
            Files.copy(wal(), folder.resolve("copy/warehouse.duckdb.wal"));
        }
        Path wal = folder.resolve("copy/warehouse.duckdb.wal");
        truncate(wal, Files.size(wal) * percent / 100);
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder.resolve("copy"))) {
            Cursor cursor = warehouse.sink("r").progress().cursor();
            long batches = Math.max(0, cursor.position() - 1);
            assertThat(warehouse.sink("r").progress().counts().stored()).isEqualTo(100 * batches);
            assertThat(warehouse.rows("add_to_cart_event")).hasSize((int) (100 * batches));
        } catch (UncheckedIOException refused) {
            assertThat(refused).hasMessageContaining("restore the file from a backup");
        }
    }

    @Test
    void damage_in_any_block_keeps_the_file_closed_or_is_no_fault_of_the_query_that_meets_it()
            throws IOException {
        fill(60_000);
        byte[] whole = Files.readAllBytes(file());
        int met = 0;
        for (int block = HEADER_BYTES; block < whole.length; block += BLOCK_BYTES) {
            byte[] damaged = whole.clone();
            Arrays.fill(damaged, block + 100, Math.min(block + 1_000, damaged.length), (byte) 0xA5);
            Files.write(file(), damaged);
            try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder)) {
                warehouse.sink("r");
                warehouse.warehouse.query(
                        "select * from add_to_cart_event",
                        1_000_000,
                        Duration.ofSeconds(30),
                        NOBODY);
            } catch (UncheckedIOException refused) {
                assertThat(refused).hasMessageContaining("restore the file from a backup");
            } catch (FailureException failed) {
                met++;
                assertThat(failed.failure()).isInstanceOf(Failure.Unavailable.class);
                assertThat(failed.failure().message()).contains("restore the file from a backup");
            }
        }
        assertThat(met).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Data Corruption Error: Corrupt database file: computed checksum 1 does not match 2",
                "IO Error: Corrupt database file: computed checksum 1 does not match 2",
                "Serialization Error: Failed to deserialize: field id mismatch",
                "IO Error: Could not read enough bytes from file \"x\"",
                "IO Error: The file \"x\" exists, but it is not a valid DuckDB database file!",
                "INTERNAL Error: Failed to load metadata pointer (id 1, idx 2)",
                "INTERNAL Error: Failure while replaying WAL file \"x\": unexpected end"
            })
    void what_the_engine_says_of_damage_is_blamed_on_no_query_and_no_event(String message) {
        SQLException fault = new SQLException(message);
        assertThat(DuckDbFaults.isCausedByEngine(fault)).isTrue();
        assertThat(DuckDbFaults.isCausedByData(fault)).isFalse();
    }

    private void fill(int events) {
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, folder)) {
            assertThat(write(warehouse, 1, events)).isEqualTo(new SinkResult.Stored());
            warehouse.warehouse.checkpoint();
        }
    }

    private static SinkResult write(TestWarehouse warehouse, long position, int events) {
        Events.Builder batch = Events.newBuilder();
        for (int i = 0; i < events; i++) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId(position + "-" + i)
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("P" + Long.toHexString(i * 7919L * i))
                                            .setQuantity(i)));
        }
        return warehouse
                .sink("r")
                .write(
                        TestBatches.of(CATALOG, "r")
                                .from(position == 1 ? Cursor.START : new Cursor(position, 0))
                                .request(position, batch.build())
                                .freeze());
    }

    private static void truncate(Path file, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }
}
