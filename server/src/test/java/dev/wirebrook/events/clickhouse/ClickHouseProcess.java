package dev.wirebrook.events.clickhouse;

import com.clickhouse.client.api.internal.ClickHouseLZ4InputStream;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.wirebrook.events.clickhouse.ChdbLibrary.ChdbException;
import dev.wirebrook.events.clickhouse.ChdbLibrary.Session;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import net.jpountz.lz4.LZ4Factory;

/**
 * The library behind ClickHouse's HTTP interface, as far as clients here use it, in a process of
 * its own: it can be killed and started again over the same folder.
 */
final class ClickHouseProcess {
    private static final int AUTHENTICATION_FAILED = 516;
    private static final int LZ4_BUFFER_BYTES = 1 << 16;
    private static final int THREADS = 8;
    private static final Set<String> NO_SETTINGS =
            Set.of("query", "compress", "decompress", "query_id", "database", "wait_end_of_query");

    private final ChdbLibrary library;
    private final String password;
    private final boolean rowsFromFiles;

    /**
     * @param rowsFromFiles inserts cost about what they cost a server then, and half of what they
     *     cost as text of a statement; but a column of another type is converted, not refused
     */
    private ClickHouseProcess(ChdbLibrary library, String password, boolean rowsFromFiles) {
        this.library = library;
        this.password = password;
        this.rowsFromFiles = rowsFromFiles;
    }

    /**
     * Arguments: the library's file, the data folder, the port (0: any), the password, and {@code
     * alone} for one that runs until it is killed and takes rows from files.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        ChdbLibrary library = new ChdbLibrary(Path.of(arguments[0]), Path.of(arguments[1]));
        // Stays open, for the engine ends with its last session.
        Session first = library.open();
        boolean alone = arguments.length > 4 && arguments[4].equals("alone");
        ClickHouseProcess process = new ClickHouseProcess(library, arguments[3], alone);
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[2])),
                        0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", process::serve);
        server.start();
        System.out.println("ready " + server.getAddress().getPort());
        if (alone) {
            Thread.currentThread().join();
        }
        // Ends with the process that started it, which holds the other end.
        while (System.in.read() >= 0) {}
        server.stop(0);
        first.close();
        System.exit(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> parameters = parameters(exchange.getRequestURI().getRawQuery());
            byte[] body = body(exchange, parameters);
            try {
                answer(exchange, 200, run(exchange, parameters, body));
            } catch (ChdbException e) {
                exchange.getResponseHeaders()
                        .set("X-ClickHouse-Exception-Code", Integer.toString(e.code()));
                byte[] message = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
                answer(exchange, e.code() == AUTHENTICATION_FAILED ? 403 : 500, message);
            }
        }
    }

    private byte[] run(HttpExchange exchange, Map<String, String> parameters, byte[] body)
            throws ChdbException {
        if (!isKnown(exchange)) {
            throw new ChdbException(
                    "Code: 516. DB::Exception: default: Authentication failed: password is"
                            + " incorrect, or there is no user with such name."
                            + " (AUTHENTICATION_FAILED)");
        }
        String database = exchange.getRequestHeaders().getFirst("X-ClickHouse-Database");
        String format = exchange.getRequestHeaders().getFirst("X-ClickHouse-Format");
        try (Session session = library.open()) {
            if (database != null) {
                session.run("USE `" + database + "`");
            }
            String settings =
                    parameters.entrySet().stream()
                            .filter(entry -> !NO_SETTINGS.contains(entry.getKey()))
                            .map(entry ->
                                    entry.getKey()
                                            + "='"
                                            + entry.getValue()
                                                    .replace("\\", "\\\\")
                                                    .replace("'", "\\'")
                                            + "'")
                            .collect(Collectors.joining(", "));
            if (!settings.isEmpty()) {
                session.run("SET " + settings);
            }
            String query = parameters.getOrDefault("query", "");
            String answerFormat = format == null ? "TabSeparated" : format;
            if (query.startsWith("INSERT ") && (rowsFromFiles || holdsBlankLine(body))) {
                return insertFromFile(session, query, body);
            }
            byte[] head = (query + (body.length > 0 ? "\n" : "")).getBytes(StandardCharsets.UTF_8);
            byte[] statement = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, statement, head.length, body.length);
            return session.run(statement, answerFormat);
        }
    }

    /** Where the library takes the rows of a statement to end, as a server does not. */
    private static boolean holdsBlankLine(byte[] rows) {
        for (int i = 1; i < rows.length; i++) {
            if (rows[i - 1] == '\n' && rows[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    private static byte[] insertFromFile(Session session, String query, byte[] rows)
            throws ChdbException {
        try {
            Path file = Files.createTempFile("insert", ".rows");
            try {
                Files.write(file, rows);
                int columns = query.indexOf('(');
                int format = query.lastIndexOf(") FORMAT ");
                return session.run(
                        "%s) SELECT %s FROM file('%s', '%s')"
                                .formatted(
                                        query.substring(0, format),
                                        query.substring(columns + 1, format),
                                        file,
                                        query.substring(format + ") FORMAT ".length()).strip()));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is the user {@code default} with this server's password. */
    private boolean isKnown(HttpExchange exchange) {
        String expected =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        ("default:" + password).getBytes(StandardCharsets.UTF_8));
        return expected.equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private static byte[] body(HttpExchange exchange, Map<String, String> parameters)
            throws IOException {
        byte[] raw;
        try (InputStream in = exchange.getRequestBody()) {
            raw = in.readAllBytes();
        }
        if (!"1".equals(parameters.get("decompress"))) {
            return raw;
        }
        // From memory, for at a short read from the network it drops a block.
        try (InputStream plain =
                new ClickHouseLZ4InputStream(
                        new ByteArrayInputStream(raw),
                        LZ4Factory.fastestJavaInstance().fastDecompressor(),
                        LZ4_BUFFER_BYTES)) {
            return plain.readAllBytes();
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] content)
            throws IOException {
        exchange.getResponseHeaders().set("X-ClickHouse-Summary", "{\"written_rows\":\"0\"}");
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        exchange.getResponseBody().write(content);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                parameters.put(part.substring(0, equals), decoded(part.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
