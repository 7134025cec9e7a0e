package dev.wirebrook.events.clickhouse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ClickHouse as a library in this process, through its C interface. Thread-safe. */
@SuppressWarnings("restricted") // native code is what it is for
final class ChdbLibrary {
    private static final Pattern CODE = Pattern.compile("Code: (\\d+)\\.");

    private final MethodHandle connect;
    private final MethodHandle close;
    private final MethodHandle query;
    private final MethodHandle error;
    private final MethodHandle buffer;
    private final MethodHandle length;
    private final MethodHandle destroy;
    private final Path data;

    /** The engine refuses a statement. */
    static final class ChdbException extends Exception {
        private static final long serialVersionUID = 1;

        ChdbException(String message) {
            super(message);
        }

        int code() {
            Matcher code = CODE.matcher(String.valueOf(getMessage()));
            return code.find() ? Integer.parseInt(code.group(1)) : 0;
        }
    }

    /** A session: what is SET in it holds for it alone. */
    interface Session extends AutoCloseable {
        /** Runs one statement; what follows an INSERT's first line feed are its rows. */
        byte[] run(byte[] statement, String format) throws ChdbException;

        default byte[] run(String statement) throws ChdbException {
            return run(statement.getBytes(StandardCharsets.UTF_8), "TSV");
        }

        @Override
        void close();
    }

    ChdbLibrary(Path library, Path data) {
        this.data = data;
        SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
        connect = function(symbols, "chdb_connect", ADDRESS, JAVA_INT, ADDRESS);
        close = procedure(symbols, "chdb_close_conn");
        query =
                function(
                        symbols,
                        "chdb_query_n",
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        JAVA_LONG);
        error = function(symbols, "chdb_result_error", ADDRESS, ADDRESS);
        buffer = function(symbols, "chdb_result_buffer", ADDRESS, ADDRESS);
        length = function(symbols, "chdb_result_length", JAVA_LONG, ADDRESS);
        destroy = procedure(symbols, "chdb_destroy_query_result");
    }

    private static MethodHandle function(
            SymbolLookup symbols, String name, MemoryLayout result, MemoryLayout... parameters) {
        return Linker.nativeLinker()
                .downcallHandle(
                        symbols.findOrThrow(name), FunctionDescriptor.of(result, parameters));
    }

    private static MethodHandle procedure(SymbolLookup symbols, String name) {
        return Linker.nativeLinker()
                .downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.ofVoid(ADDRESS));
    }

    /** Opening and closing are not safe beside each other; statements of sessions are. */
    synchronized Session open() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment arguments = arena.allocate(ADDRESS, 2);
            arguments.setAtIndex(ADDRESS, 0, arena.allocateFrom("clickhouse"));
            arguments.setAtIndex(ADDRESS, 1, arena.allocateFrom("--path=" + data));
            MemorySegment handle = (MemorySegment) connect.invokeExact(2, arguments);
            if (handle.address() == 0) {
                throw new IllegalStateException("the engine does not open " + data);
            }
            MemorySegment connection = handle.reinterpret(ADDRESS.byteSize());
            return new Session() {
                @Override
                public byte[] run(byte[] statement, String format) throws ChdbException {
                    return execute(connection.get(ADDRESS, 0), statement, format);
                }

                @Override
                public void close() {
                    end(connection);
                }
            };
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private byte[] execute(MemorySegment connection, byte[] statement, String format)
            throws ChdbException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(statement.length + 1L);
            MemorySegment.copy(statement, 0, text, JAVA_BYTE, 0, statement.length);
            MemorySegment result =
                    (MemorySegment)
                            query.invokeExact(
                                    connection,
                                    text,
                                    (long) statement.length,
                                    arena.allocateFrom(format),
                                    (long) format.length());
            try {
                MemorySegment message = (MemorySegment) error.invokeExact(result);
                if (message.address() != 0) {
                    throw new ChdbException(message.reinterpret(Long.MAX_VALUE).getString(0));
                }
                long bytes = (long) length.invokeExact(result);
                MemorySegment content = (MemorySegment) buffer.invokeExact(result);
                return bytes == 0 ? new byte[0] : content.reinterpret(bytes).toArray(JAVA_BYTE);
            } finally {
                destroy.invokeExact(result);
            }
        } catch (ChdbException e) {
            throw e;
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private synchronized void end(MemorySegment connection) {
        try {
            close.invokeExact(connection);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** A call into native code declares Throwable and throws none. */
    private static RuntimeException thrown(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
}
