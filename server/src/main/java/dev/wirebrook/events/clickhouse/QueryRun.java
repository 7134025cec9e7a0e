package dev.wirebrook.events.clickhouse;

import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One query, from the check to the last row. */
final class QueryRun {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** The server ends a query by itself; this is for one that does not answer at all. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final int REASON_LENGTH_MAX = 500;

    /** How the answer is written: see {@link ResultType}. */
    private static final Map<String, String> FORMS =
            Map.of(
                    "date_time_output_format", "iso",
                    "output_format_json_quote_64bit_integers", "1",
                    "output_format_json_quote_decimals", "1",
                    "output_format_json_quote_denormals", "1",
                    "output_format_json_named_tuples_as_objects", "1");

    private final ClickHouseDatabase database;
    private final Duration timeout;
    private final long memoryBytesMax;
    private final long deadlineNanos;

    /**
     * @param timeout that the caller gave
     * @param left what is left of it
     */
    QueryRun(ClickHouseDatabase database, Duration timeout, Duration left, long memoryBytesMax) {
        this.database = database;
        this.timeout = timeout;
        this.memoryBytesMax = memoryBytesMax;
        deadlineNanos = System.nanoTime() + left.toNanos();
    }

    QueryEnd run(String sql, long rowLimit, QueryObserver observer) {
        try {
            database.tables();
            QueryGuard.check(database.client(), database.name(), sql);
            try (InputStream answer =
                            database.client().open(sql, settings(rowLimit), left().plus(SLACK));
                    BufferedReader lines =
                            new BufferedReader(
                                    new InputStreamReader(answer, StandardCharsets.UTF_8))) {
                return read(lines, rowLimit, observer);
            } catch (IOException e) {
                throw ClickHouseClient.unreadable(e);
            }
        } catch (ClickHouseFault e) {
            throw new FailureException(failure(e));
        }
    }

    private Duration left() {
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        if (left.isNegative() || left.isZero()) {
            throw new FailureException(tookTooLong());
        }
        return left;
    }

    private QuerySettings settings(long rowLimit) {
        QuerySettings settings =
                new QuerySettings()
                        .setDatabase(database.name())
                        .setFormat(ClickHouseFormat.JSONCompactEachRowWithNamesAndTypes);
        FORMS.forEach(settings::serverSetting);
        settings.serverSetting("readonly", "1");
        settings.serverSetting("max_memory_usage", Long.toString(memoryBytesMax));
        settings.serverSetting("max_execution_time", Double.toString(left().toMillis() / 1_000.0));
        if (rowLimit < Long.MAX_VALUE) {
            // One more, which tells an answer that was cut off from one that ends there.
            settings.serverSetting("limit", Long.toString(rowLimit + 1));
        }
        return settings;
    }

    private QueryEnd read(BufferedReader lines, long rowLimit, QueryObserver observer)
            throws IOException {
        JsonArray names = array(lines.readLine());
        JsonArray types = array(lines.readLine());
        List<Column> columns = new ArrayList<>();
        List<ResultType> parsed = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String type = types.get(i).getAsString();
            columns.add(new Column(names.get(i).getAsString(), type));
            parsed.add(ResultType.parse(type));
        }
        observer.columns(List.copyOf(columns));
        long count = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine(), count++) {
            if (count == rowLimit) {
                return QueryEnd.ROW_LIMIT;
            }
            left();
            if (!observer.row(row(array(line), parsed))) {
                return QueryEnd.STOPPED;
            }
        }
        return QueryEnd.COMPLETE;
    }

    /**
     * @throws FailureException when the server writes why it failed in the place of a row
     */
    static JsonArray array(@Nullable String line) {
        if (line == null) {
            return new JsonArray();
        }
        try {
            if (JsonParser.parseString(line) instanceof JsonArray array) {
                return array;
            }
        } catch (JsonParseException e) {
            // Then it is not a row either.
        }
        int code = Math.max(0, line.indexOf("Code: "));
        String reason = line.substring(code, Math.min(line.length(), code + REASON_LENGTH_MAX));
        throw new FailureException(
                Failure.InvalidRequest.of(
                        "sql", "the server failed while it was answering: " + reason));
    }

    private static List<@Nullable Object> row(JsonArray json, List<ResultType> types) {
        List<@Nullable Object> values = new ArrayList<>(json.size());
        int column = 0;
        for (JsonElement value : json) {
            values.add(types.get(column++).value(value));
        }
        return Collections.unmodifiableList(values);
    }

    private Failure tookTooLong() {
        return new Failure.DeadlineExceeded(
                "the query took more than %d ms; narrow it, for example by event_time"
                        .formatted(timeout.toMillis()));
    }

    private Failure failure(ClickHouseFault fault) {
        if (fault.isOutOfTime() || System.nanoTime() - deadlineNanos >= 0) {
            return tookTooLong();
        }
        if (fault.isOutOfRoom()) {
            return new Failure.Overloaded(
                    "the query needs more than it may have: " + fault.reason(), RETRY_DELAY);
        }
        if (fault.isCausedByServer()) {
            return new Failure.Unavailable(
                    "the warehouse does not answer: " + fault.reason(), RETRY_DELAY);
        }
        return Failure.InvalidRequest.of("sql", fault.reason());
    }
}
