package dev.wirebrook.schema;

import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes messages straight from their bytes on the wire into column values, without message
 * objects. The values are those that protobuf's parser would see: the last occurrence of a singular
 * field counts, repeated fields and occurrences of a message are joined, a member of a oneof
 * displaces the others, and fields that are unknown or come with another wire type are skipped.
 *
 * <p>Holds one row at a time. Not thread-safe.
 */
public final class RowDecoder {
    private static final byte[] NO_BYTES = {};

    // immutable state
    private final List<Column> columns;
    private final RowFields sharedFields;
    private final RowFields ownFields;
    private final RowField[] fieldBySlot;
    private final boolean[] nullable;
    private final boolean hasJson;
    private final int variantNumber;
    private final Set<Integer> variants = new HashSet<>();
    private final int ownSlot;
    private final int idSlot;

    // mutable state: the row
    private final RowCursor cursor = new RowCursor();
    private final boolean[] set;
    private final long[] numbers;
    private final byte[][] sources;
    private final int[] starts;
    private final int[] ends;
    private final @Nullable RowJson[] json;

    private RowDecoder(
            List<Column> shared,
            List<Column> own,
            @Nullable EventType type,
            EventCatalog catalog,
            JsonFormat.Printer printer) {
        columns = new ArrayList<>(shared);
        columns.addAll(own);
        ownSlot = shared.size();
        idSlot = columns.size();
        sharedFields = new RowFields(shared, 0);
        ownFields = new RowFields(own, ownSlot);
        int slots = idSlot + 1;
        fieldBySlot = new RowField[slots];
        sharedFields.fields().forEach(field -> fieldBySlot[field.slot] = field);
        ownFields.fields().forEach(field -> fieldBySlot[field.slot] = field);
        fieldBySlot[idSlot] = RowField.alone(catalog.eventId(), idSlot);
        if (type == null) {
            variantNumber = -1;
        } else {
            variantNumber = type.field().getNumber();
            sharedFields.add(fieldBySlot[idSlot]);
            catalog.types().forEach(t -> variants.add(t.field().getNumber()));
        }
        nullable = new boolean[slots];
        for (int slot = 0; slot < idSlot; slot++) {
            nullable[slot] = columns.get(slot).nullable();
        }
        set = new boolean[slots];
        numbers = new long[slots];
        sources = new byte[slots][];
        starts = new int[slots];
        ends = new int[slots];
        json = new RowJson[slots];
        hasJson = columns.stream().anyMatch(column -> column.type() == ColumnType.JSON);
        for (int slot = 0; slot < idSlot; slot++) {
            if (columns.get(slot).type() == ColumnType.JSON) {
                json[slot] = new RowJson(columns.get(slot).field(), printer);
            }
        }
        Arrays.fill(sources, NO_BYTES);
    }

    static RowDecoder ofMessage(
            List<Column> columns, EventCatalog catalog, JsonFormat.Printer printer) {
        return new RowDecoder(columns, List.of(), null, catalog, printer);
    }

    static RowDecoder ofEvent(
            List<Column> shared,
            List<Column> own,
            EventType type,
            EventCatalog catalog,
            JsonFormat.Printer printer) {
        return new RowDecoder(shared, own, type, catalog, printer);
    }

    /** The columns, in the order of their indices. */
    public List<Column> columns() {
        return columns;
    }

    /** For {@link #source}, {@link #start} and {@link #end}: the event's id, empty when not set. */
    public int idColumn() {
        return idSlot;
    }

    /**
     * Decodes {@code source[start, end)}; the bytes must not change while the row is read.
     *
     * @throws RowFormatException when they are no message, or a value cannot be shown as its
     *     column's type
     */
    public void decode(byte[] source, int start, int end) {
        clear(0, set.length);
        cursor.moveTo(source, start);
        readMessage(end, sharedFields, variantNumber >= 0);
        for (int slot = 0; slot < set.length; slot++) {
            if (set[slot]) {
                finish(slot);
            } else if (!nullable[slot]) {
                numbers[slot] = 0;
                put(slot, NO_BYTES, 0, 0);
                finish(slot);
            }
        }
    }

    /** Whether the column's value is NULL. */
    public boolean isNull(int column) {
        return !set[column];
    }

    /**
     * The value of a number that is not NULL: BOOLEAN as 0 or 1, INT32 sign-extended, UINT32
     * zero-extended, UINT64 as its bits, FLOAT and DOUBLE as the bits that {@code intBitsToFloat}
     * and {@code longBitsToDouble} take.
     */
    public long number(int column) {
        return numbers[column];
    }

    /**
     * The value of TEXT, BYTES or JSON, not NULL, is {@code source(column)[start(column),
     * end(column))}.
     */
    public byte[] source(int column) {
        return sources[column];
    }

    public int start(int column) {
        return starts[column];
    }

    public int end(int column) {
        return ends[column];
    }

    /** Values of columns that are not set are stale. */
    private void clear(int from, int to) {
        Arrays.fill(set, from, to, false);
        if (!hasJson) {
            return;
        }
        for (int slot = from; slot < to; slot++) {
            RowJson occurrences = json[slot];
            if (occurrences != null) {
                occurrences.clear();
            }
        }
    }

    private void put(int slot, byte[] source, int start, int end) {
        sources[slot] = source;
        starts[slot] = start;
        ends[slot] = end;
    }

    private void readMessage(int end, RowFields known, boolean hasVariants) {
        while (cursor.at() < end) {
            int tagStart = cursor.at();
            int tag = (int) cursor.varint(end);
            int number = tag >>> 3;
            if (number == 0) {
                throw new RowFormatException("there is no field number 0");
            }
            RowField field = known.numbered(number);
            if (field != null && field.accepts(tag & 7)) {
                readField(field, tag, tagStart, end);
            } else if (hasVariants
                    && (tag & 7) == RowCursor.LENGTH
                    && (number == variantNumber || variants.contains(number))) {
                readVariant(number, end);
            } else {
                cursor.skip(tag, end);
            }
        }
    }

    private void readVariant(int number, int end) {
        if (number == variantNumber) {
            int length = cursor.length(end);
            readMessage(cursor.at() + length, ownFields, false);
        } else {
            cursor.value(end);
            clear(ownSlot, idSlot);
        }
    }

    private void readField(RowField field, int tag, int tagStart, int end) {
        int slot = field.slot;
        RowJson occurrences = json[slot];
        if (occurrences != null) {
            cursor.skip(tag, end);
            occurrences.add(cursor.bytes(), tagStart, cursor.at());
        } else if (!readScalar(field, end)) {
            return;
        }
        set[slot] = true;
        for (int peer : field.peers) {
            clear(peer, peer + 1);
        }
    }

    /** False: the value counts as unknown. */
    private boolean readScalar(RowField field, int end) {
        int slot = field.slot;
        switch (field.type) {
            case BOOL -> numbers[slot] = cursor.varint(end) != 0 ? 1 : 0;
            case INT32 -> numbers[slot] = (int) cursor.varint(end);
            case UINT32 -> numbers[slot] = cursor.varint(end) & 0xFFFF_FFFFL;
            case INT64, UINT64 -> numbers[slot] = cursor.varint(end);
            case SINT32 -> {
                int raw = (int) cursor.varint(end);
                int value = (raw >>> 1) ^ -(raw & 1);
                numbers[slot] = value;
            }
            case SINT64 -> {
                long raw = cursor.varint(end);
                numbers[slot] = (raw >>> 1) ^ -(raw & 1);
            }
            case SFIXED32 -> numbers[slot] = cursor.fixed32(end);
            case FIXED32, FLOAT -> numbers[slot] = cursor.fixed32(end) & 0xFFFF_FFFFL;
            case FIXED64, SFIXED64, DOUBLE -> numbers[slot] = cursor.fixed64(end);
            case STRING, BYTES -> {
                int start = cursor.value(end);
                put(slot, cursor.bytes(), start, cursor.at());
            }
            case ENUM -> {
                int value = (int) cursor.varint(end);
                if (!field.knows(value)) {
                    return false;
                }
                numbers[slot] = value;
            }
            case MESSAGE, GROUP ->
                    throw new IllegalStateException(field.descriptor.getFullName() + " is JSON");
        }
        return true;
    }

    private void finish(int slot) {
        set[slot] = true;
        RowField field = fieldBySlot[slot];
        switch (field.finish) {
            case NOTHING -> {}
            case UTF8 -> {
                if (!Utf8.isValid(sources[slot], starts[slot], ends[slot])) {
                    repair(slot, field);
                }
            }
            case ENUM_NAME -> putWhole(slot, field.enumName((int) numbers[slot]));
            case JSON -> {
                RowJson occurrences = json[slot];
                if (occurrences != null) {
                    putWhole(slot, occurrences.render());
                }
            }
        }
    }

    /** Syntax proto2 lets texts pass that are no UTF-8; columns do not. */
    private void repair(int slot, RowField field) {
        if (field.descriptor.needsUtf8Check()) {
            throw new RowFormatException(field.descriptor.getFullName() + " is not UTF-8");
        }
        int start = starts[slot];
        String repaired =
                new String(sources[slot], start, ends[slot] - start, StandardCharsets.UTF_8);
        putWhole(slot, repaired.getBytes(StandardCharsets.UTF_8));
    }

    private void putWhole(int slot, byte[] whole) {
        put(slot, whole, 0, whole.length);
    }
}
