package dev.wirebrook.bench.headline;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * A table such as an application has: the columns of the event, a primary key, an index on time.
 */
final class PostgresStore implements Store {
    private static final String COLUMNS =
            "event_id, event_time, session_id, user_id, device_id, client_id, os, app_version,"
                    + " utm_source, utm_medium, utm_campaign, current_url, product_id, product_name,"
                    + " price, quantity";

    private final HikariDataSource connections;
    private final AtomicLong writes = new AtomicLong();

    PostgresStore(String url, int connectionsMax) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connectionsMax);
        connections = new HikariDataSource(config);
        execute(
                """
                DROP TABLE IF EXISTS add_to_cart_event;
                CREATE TABLE add_to_cart_event (
                    event_id uuid PRIMARY KEY, event_time timestamptz NOT NULL,
                    ingest_time timestamptz NOT NULL DEFAULT now(),
                    session_id text, user_id bigint, device_id text, client_id text, os text,
                    app_version text, utm_source text, utm_medium text, utm_campaign text,
                    current_url text, product_id text, product_name text,
                    price double precision, quantity integer);
                CREATE INDEX ON add_to_cart_event (event_time)
                """);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public int loadRows() {
        return 10_000;
    }

    @Override
    public void load(Events rows) throws Exception {
        Header header = rows.getHeader();
        String csv =
                rows.getEventsList().stream()
                        .map(event -> String.join(",", values(header, event)))
                        .collect(Collectors.joining("\n"));
        try (Connection connection = connections.getConnection()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY add_to_cart_event (" + COLUMNS + ") FROM STDIN (FORMAT csv)",
                            new StringReader(csv));
        }
        writes.incrementAndGet();
    }

    private static List<String> values(Header header, Event event) {
        AddToCartEvent cart = event.getAddToCartEvent();
        return List.of(
                event.getId(),
                event.getTimestamp(),
                header.getSessionId(),
                Long.toString(header.getUserId()),
                header.getDeviceId(),
                header.getClientId(),
                header.getOs(),
                header.getAppVersion(),
                header.getUtmSource(),
                header.getUtmMedium(),
                header.getUtmCampaign(),
                event.getCurrentURL(),
                cart.getProductId(),
                cart.getProductName(),
                Double.toString(cart.getPrice()),
                Integer.toString(cart.getQuantity()));
    }

    /** An INSERT and a commit for each. */
    @Override
    public void write(Events rows) throws SQLException {
        String sql =
                "INSERT INTO add_to_cart_event ("
                        + COLUMNS
                        + ") VALUES (?::uuid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        for (Event event : rows.getEventsList()) {
            try (Connection connection = connections.getConnection();
                    PreparedStatement insert = connection.prepareStatement(sql)) {
                List<String> values = values(rows.getHeader(), event);
                for (int i = 0; i < values.size(); i++) {
                    insert.setString(i + 1, values.get(i));
                }
                insert.setTimestamp(2, Timestamp.from(Instant.parse(event.getTimestamp())));
                insert.setLong(4, rows.getHeader().getUserId());
                insert.setDouble(15, event.getAddToCartEvent().getPrice());
                insert.setInt(16, event.getAddToCartEvent().getQuantity());
                insert.executeUpdate();
            }
            writes.incrementAndGet();
        }
    }

    @Override
    public long writesOfEngine() {
        return writes.get();
    }

    @Override
    public void settle() throws SQLException {
        execute("VACUUM ANALYZE add_to_cart_event");
        execute("CHECKPOINT");
    }

    @Override
    public long query(String sql) throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            long rows = 0;
            while (result.next()) {
                rows++;
            }
            return rows;
        }
    }

    @Override
    public long bytes() throws SQLException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery(
                                "SELECT pg_total_relation_size('add_to_cart_event')")) {
            result.next();
            return result.getLong(1);
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
