package dev.wirebrook.bench.peers;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** A PostgreSQL table with one row per event, each commit synchronous. */
final class PostgresPeer implements Peer {
    private static final byte[] COPY_SIGNATURE =
            "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);

    private final String url;
    private final Mode mode;
    private final Shape shape;

    enum Mode {
        /** One INSERT and one commit for a message, a row for each of its events. */
        INSERT(16, 1),
        /** One binary COPY and one commit for a message. */
        COPY(8, 1),
        /** One binary COPY and one commit for a hundred messages. */
        COPY_BULK(4, 100);

        private final int lanes;
        private final int messagesPerCommit;

        Mode(int lanes, int messagesPerCommit) {
            this.lanes = lanes;
            this.messagesPerCommit = messagesPerCommit;
        }
    }

    PostgresPeer(String host, int port, Mode mode, Shape shape) throws SQLException {
        url = "jdbc:postgresql://" + host + ":" + port + "/postgres?user=postgres";
        this.mode = mode;
        this.shape = shape;
        execute("DROP TABLE IF EXISTS peers; CREATE TABLE peers (event bytea NOT NULL)");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public int lanes() {
        return mode.lanes;
    }

    @Override
    public int window() {
        return mode.messagesPerCommit;
    }

    @Override
    public Lane open(int lane) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        return switch (mode) {
            case INSERT -> new Insert(connection, shape);
            case COPY, COPY_BULK -> new Copy(connection, shape, mode.messagesPerCommit);
        };
    }

    @Override
    public void disconnect() throws SQLException {
        execute("DROP TABLE peers");
    }

    private static List<byte[]> rows(byte[] message, Shape shape) {
        List<byte[]> rows = new ArrayList<>(shape.events());
        int length = message.length / shape.events();
        for (int i = 0; i < shape.events(); i++) {
            rows.add(Arrays.copyOfRange(message, i * length, (i + 1) * length));
        }
        return rows;
    }

    private record Insert(Connection connection, PreparedStatement statement, Shape shape)
            implements Lane {
        Insert(Connection connection, Shape shape) throws SQLException {
            this(connection, prepare(connection, shape), shape);
        }

        private static PreparedStatement prepare(Connection connection, Shape shape)
                throws SQLException {
            String values = "(?)" + ",(?)".repeat(shape.events() - 1);
            return connection.prepareStatement("INSERT INTO peers VALUES " + values);
        }

        @Override
        public void send(byte[] message, Receipt receipt) throws SQLException {
            List<byte[]> rows = rows(message, shape);
            for (int i = 0; i < rows.size(); i++) {
                statement.setBytes(i + 1, rows.get(i));
            }
            statement.executeUpdate();
            receipt.acknowledged();
        }

        @Override
        public void disconnect() throws SQLException {
            statement.close();
            connection.close();
        }
    }

    private static final class Copy implements Lane {
        private final Connection connection;
        private final Shape shape;
        private final int messagesPerCommit;
        private final List<byte[]> rows = new ArrayList<>();
        private final List<Receipt> waiting = new ArrayList<>();

        Copy(Connection connection, Shape shape, int messagesPerCommit) {
            this.connection = connection;
            this.shape = shape;
            this.messagesPerCommit = messagesPerCommit;
        }

        @Override
        public void send(byte[] message, Receipt receipt) throws SQLException, IOException {
            rows.addAll(rows(message, shape));
            waiting.add(receipt);
            if (waiting.size() == messagesPerCommit) {
                commit();
            }
        }

        private void commit() throws SQLException, IOException {
            CopyIn copy =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn("COPY peers FROM STDIN (FORMAT binary)");
            byte[] data = encode();
            copy.writeToCopy(data, 0, data.length);
            copy.endCopy();
            waiting.forEach(Receipt::acknowledged);
            waiting.clear();
            rows.clear();
        }

        private byte[] encode() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(COPY_SIGNATURE);
            out.writeInt(0);
            out.writeInt(0);
            for (byte[] row : rows) {
                out.writeShort(1);
                out.writeInt(row.length);
                out.write(row);
            }
            out.writeShort(-1);
            return bytes.toByteArray();
        }

        @Override
        public void flush() {
            // The last messages of a run may fill no commit; they were never asked to be stored.
            if (!waiting.isEmpty()) {
                try {
                    commit();
                } catch (SQLException | IOException e) {
                    throw new IllegalStateException("the last rows were not stored", e);
                }
            }
        }

        @Override
        public void disconnect() throws SQLException {
            connection.close();
        }
    }
}
