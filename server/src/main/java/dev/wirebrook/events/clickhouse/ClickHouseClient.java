package dev.wirebrook.events.clickhouse;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientConfigProperties;
import com.clickhouse.client.api.ClientFaultCause;
import com.clickhouse.client.api.DataStreamWriter;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.QueryResponse;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The server as this package speaks to it: each call is one request on the caller's thread, tried
 * once, for what to do after a failure is for the caller to say. Thread-safe.
 */
final class ClickHouseClient implements AutoCloseable {
    /** There is always one of this name, and every name is qualified. */
    private static final String ANY_DATABASE = "system";

    private static final String ON = "1";
    private static final String OFF = "0";

    private final Client client;
    private final Duration timeout;

    ClickHouseClient(ClickHouseSettings settings) {
        timeout = settings.insertTimeout();
        client =
                new Client.Builder()
                        .addEndpoint(settings.url().toString())
                        .setUsername(settings.user())
                        .setPassword(settings.password())
                        .setDefaultDatabase(ANY_DATABASE)
                        .setConnectTimeout(settings.connectTimeout().toMillis())
                        .setConnectionRequestTimeout(
                                settings.connectTimeout().toMillis(), ChronoUnit.MILLIS)
                        .setMaxConnections(settings.queriesMax() + 64)
                        .compressClientRequest(true)
                        .compressServerResponse(false)
                        .retryOnFailures(ClientFaultCause.None)
                        .setMaxRetries(0)
                        .setClientName("wirebrook")
                        .build();
    }

    /** Runs a statement that answers nothing. */
    void execute(String sql) throws ClickHouseFault {
        rows(sql);
    }

    /** A small answer as a whole. */
    List<JsonArray> rows(String sql) throws ClickHouseFault {
        return rows(sql, new QuerySettings());
    }

    /** The same for a statement that somebody else has written: whatever it is, it only reads. */
    List<JsonArray> readOnly(String sql) throws ClickHouseFault {
        return rows(sql, new QuerySettings().serverSetting("readonly", ON));
    }

    private List<JsonArray> rows(String sql, QuerySettings settings) throws ClickHouseFault {
        List<JsonArray> rows = new ArrayList<>();
        forEach(sql, settings, rows::add);
        return rows;
    }

    /** A large answer, row by row as it comes. */
    void forEach(String sql, Consumer<JsonArray> consumer) throws ClickHouseFault {
        forEach(sql, new QuerySettings(), consumer);
    }

    private void forEach(String sql, QuerySettings settings, Consumer<JsonArray> consumer)
            throws ClickHouseFault {
        settings.setFormat(ClickHouseFormat.JSONCompactEachRow);
        settings.serverSetting("output_format_json_quote_64bit_integers", OFF);
        try (InputStream answer = open(sql, settings, timeout);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(answer, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                consumer.accept(JsonParser.parseString(line).getAsJsonArray());
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    static ClickHouseFault unreadable(IOException e) {
        return ClickHouseFault.of(new UncheckedIOException(e));
    }

    /**
     * Runs a query and opens its answer, which the caller closes.
     *
     * @param readTimeout for each piece of the answer
     */
    InputStream open(String sql, QuerySettings settings, Duration readTimeout)
            throws ClickHouseFault {
        settings.setOption(
                ClientConfigProperties.SOCKET_OPERATION_TIMEOUT.getKey(), readTimeout.toMillis());
        // So that an error comes in the place of the answer, not in its middle.
        settings.waitEndOfQuery(true);
        QueryResponse response = join(() -> client.query(sql, Map.of(), settings));
        return response.getInputStream();
    }

    /**
     * Inserts rows in one block, at most once for each token.
     *
     * @param table qualified and quoted
     * @param columns what the rows begin with; see {@link RowBinaryOutput#putHead}
     * @param comment seen with the insert while it runs; see {@link #isRunning}
     */
    void insert(
            String table,
            List<InsertColumn> columns,
            String token,
            String comment,
            DataStreamWriter rows)
            throws ClickHouseFault {
        InsertSettings settings = new InsertSettings().setDeduplicationToken(token);
        settings.logComment(comment);
        settings.setOption(
                ClientConfigProperties.SOCKET_OPERATION_TIMEOUT.getKey(), timeout.toMillis());
        settings.serverSetting("async_insert", OFF);
        settings.serverSetting("insert_deduplicate", ON);
        settings.serverSetting("insert_allow_materialized_columns", ON);
        List<String> names = columns.stream().map(InsertColumn::name).map(Sql::name).toList();
        try (InsertResponse response =
                join(() ->
                        client.insert(
                                table,
                                names,
                                rows,
                                ClickHouseFormat.RowBinaryWithNamesAndTypes,
                                settings))) {
            assert response != null;
        } catch (ClickHouseFault e) {
            throw e;
        } catch (Exception e) {
            throw ClickHouseFault.of(new IllegalStateException(e));
        }
    }

    /** Whether the server is still at work on an insert with this comment. */
    boolean isRunning(String comment) throws ClickHouseFault {
        return !rows("SELECT 1 FROM system.processes WHERE Settings['log_comment'] = "
                        + Sql.literal(comment))
                .isEmpty();
    }

    private interface Call<T> {
        CompletableFuture<T> start();
    }

    /** The client runs a request before it returns the future. */
    @SuppressWarnings("IllegalCatch") // it throws many kinds, all of them unchecked
    private static <T> T join(Call<T> call) throws ClickHouseFault {
        try {
            return call.start().join();
        } catch (CompletionException e) {
            throw ClickHouseFault.of(e);
        } catch (RuntimeException e) {
            throw ClickHouseFault.of(e);
        }
    }

    /** Idempotent; ends what is under way. */
    @Override
    public void close() {
        client.close();
    }
}
