package dev.wirebrook.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of one message by number. Immutable once filled. */
final class RowFields {
    /** Fields above this number are looked up in a map. */
    private static final int DENSE_MAX = 1_023;

    private final List<RowField> fields = new ArrayList<>();
    private @Nullable RowField[] dense = new RowField[0];
    private final Map<Integer, RowField> sparse = new HashMap<>();

    /** The fields of {@code columns}, in slots from {@code firstSlot} on. */
    RowFields(List<Column> columns, int firstSlot) {
        for (int i = 0; i < columns.size(); i++) {
            add(RowField.of(columns, i, firstSlot));
        }
    }

    void add(RowField field) {
        fields.add(field);
        int number = field.descriptor.getNumber();
        if (number > DENSE_MAX) {
            sparse.put(number, field);
            return;
        }
        if (number >= dense.length) {
            RowField[] longer = new RowField[number + 1];
            System.arraycopy(dense, 0, longer, 0, dense.length);
            dense = longer;
        }
        dense[number] = field;
    }

    List<RowField> fields() {
        return fields;
    }

    @Nullable RowField numbered(int number) {
        if (number < dense.length) {
            return dense[number];
        }
        return sparse.isEmpty() ? null : sparse.get(number);
    }
}
