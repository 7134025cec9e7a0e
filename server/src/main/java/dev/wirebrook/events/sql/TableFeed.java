package dev.wirebrook.events.sql;

import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.events.RowsByType;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventDecoders;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowDecoder;
import dev.wirebrook.schema.RowFormatException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Turns a frozen batch into rows, table by table: the header's columns in each. Confined to its
 * sink's thread.
 */
final class TableFeed {
    /** SQLSTATE "data exception". */
    private static final String DATA_EXCEPTION = "22000";

    private static final int NO_REQUEST = -1;
    private static final byte[] NO_BYTES = {};

    // immutable state
    private final ColumnCatalog catalog;
    private final Map<Integer, SqlTable> tables;
    private final EventKey keys;
    private final RowDecoder headerDecoder;
    private final int clientColumn;
    private final EventDecoders decoders;
    private final RowsByType rowsByType;

    // mutable state
    private int headerOf = NO_REQUEST;

    /**
     * @param tables by the ordinals of their event types
     */
    TableFeed(ColumnCatalog catalog, Map<Integer, SqlTable> tables, String log) {
        this.catalog = catalog;
        this.tables = tables;
        keys = new EventKey(log);
        headerDecoder = catalog.headerDecoder();
        clientColumn = clientColumn(catalog);
        decoders = new EventDecoders(catalog);
        rowsByType = new RowsByType(catalog.events().types().size());
    }

    private static int clientColumn(ColumnCatalog catalog) {
        List<Column> header = catalog.header();
        for (int i = 0; i < header.size(); i++) {
            if (catalog.events().clientId().filter(header.get(i).field()::equals).isPresent()) {
                return i;
            }
        }
        return -1;
    }

    /** Brings the batch's rows to the engine, in the connection's transaction. */
    void stage(FrozenBatch batch, SqlEngine engine, Connection connection) throws SQLException {
        rowsByType.sort(batch);
        for (EventType type : catalog.events().types()) {
            if (rowsByType.size(type.ordinal()) > 0) {
                engine.stage(connection, table(type), writer -> writeRows(batch, type, writer));
            }
        }
    }

    /** Adds the rows of the batch that was staged to their tables. */
    void store(SqlEngine engine, Connection connection) throws SQLException {
        for (EventType type : catalog.events().types()) {
            if (rowsByType.size(type.ordinal()) > 0) {
                engine.store(connection, table(type));
            }
        }
    }

    private SqlTable table(EventType type) {
        SqlTable table = tables.get(type.ordinal());
        if (table == null) {
            throw new IllegalStateException(type.name() + " was not meant to come here");
        }
        return table;
    }

    private void writeRows(FrozenBatch batch, EventType type, RowWriter writer)
            throws SQLException {
        byte[] typeName = type.name().getBytes(StandardCharsets.UTF_8);
        RowDecoder decoder = decoders.of(type);
        headerOf = NO_REQUEST;
        int place = rowsByType.start(type.ordinal());
        for (int end = place + rowsByType.size(type.ordinal()); place < end; place++) {
            int row = rowsByType.row(place);
            LoggedRequest request = header(batch, row);
            decode(decoder, type, request.bytes(), batch.start(row), batch.end(row));
            writeIdentity(request, batch.index(row), decoder, writer);
            writer.putText(typeName, 0, typeName.length);
            writer.putTime(batch.eventTimeMicros(row));
            writer.putTime(request.ingestTimeMicros());
            writeFields(headerDecoder, writer);
            writeFields(decoder, writer);
            writer.endRow();
        }
    }

    /** The rows of a request stand together, so its header is decoded once for all of them. */
    private LoggedRequest header(FrozenBatch batch, int row) throws SQLException {
        int index = batch.request(row);
        LoggedRequest request = batch.requests().get(index);
        if (index != headerOf) {
            decode(
                    headerDecoder,
                    batch.type(row),
                    request.header(),
                    request.headerStart(),
                    request.headerEnd());
            headerOf = index;
        }
        return request;
    }

    private void writeIdentity(
            LoggedRequest request, int index, RowDecoder decoder, RowWriter writer)
            throws SQLException {
        int idColumn = decoder.idColumn();
        byte[] id = decoder.source(idColumn);
        int start = decoder.start(idColumn);
        int end = decoder.end(idColumn);
        if (start < end) {
            boolean named = clientColumn >= 0 && !headerDecoder.isNull(clientColumn);
            writer.putKey(
                    keys.ofId(
                            named ? headerDecoder.source(clientColumn) : NO_BYTES,
                            named ? headerDecoder.start(clientColumn) : 0,
                            named ? headerDecoder.end(clientColumn) : 0,
                            id,
                            start,
                            end));
            writer.putText(id, start, end);
        } else {
            byte[] made = request.placeId(index);
            writer.putKey(
                    request.name().isEmpty()
                            ? keys.ofPlace(request.position(), index)
                            : keys.ofId(NO_BYTES, 0, 0, made, 0, made.length));
            writer.putText(made, 0, made.length);
        }
    }

    @SuppressWarnings("IllegalCatch") // decoding sees nothing but the row: what fails, it caused
    private static void decode(RowDecoder decoder, EventType type, byte[] bytes, int start, int end)
            throws SQLException {
        try {
            decoder.decode(bytes, start, end);
        } catch (RowFormatException e) {
            throw new SQLDataException(e.getMessage(), DATA_EXCEPTION, e);
        } catch (RuntimeException e) {
            throw new SQLDataException("a " + type.name() + ": " + e, DATA_EXCEPTION, e);
        }
    }

    private static void writeFields(RowDecoder decoder, RowWriter writer) throws SQLException {
        List<Column> columns = decoder.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (decoder.isNull(i)) {
                writer.putNull();
                continue;
            }
            switch (columns.get(i).type()) {
                case BOOLEAN -> writer.putBoolean(decoder.number(i) != 0);
                case INT32 -> writer.putInt((int) decoder.number(i));
                case INT64, UINT32 -> writer.putLong(decoder.number(i));
                case UINT64 -> writer.putUnsignedLong(decoder.number(i));
                case FLOAT -> writer.putFloat(Float.intBitsToFloat((int) decoder.number(i)));
                case DOUBLE -> writer.putDouble(Double.longBitsToDouble(decoder.number(i)));
                case TEXT -> writer.putText(decoder.source(i), decoder.start(i), decoder.end(i));
                case BYTES -> writer.putBytes(decoder.source(i), decoder.start(i), decoder.end(i));
                case JSON -> writer.putJson(decoder.source(i), decoder.start(i), decoder.end(i));
            }
        }
    }
}
