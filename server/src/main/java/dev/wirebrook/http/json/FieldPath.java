package dev.wirebrook.http.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where in the message the reader stands. Kept as it goes, put into words only for a fault.
 * Confined to a thread.
 */
final class FieldPath {
    private static final int NO_INDEX = -1;

    private @Nullable Object[] names = new Object[16];
    private int[] indexes = new int[16];
    private int size;

    void enter(FieldPlan field) {
        push(field, NO_INDEX);
    }

    /** Goes into the value of a map's key. */
    void enterKey(String key) {
        push(key, NO_INDEX);
    }

    /** Goes into the first element of a list. */
    void enterList() {
        push(null, 0);
    }

    void nextElement() {
        indexes[size - 1]++;
    }

    void leave() {
        size--;
    }

    /** How many steps from the outermost message. */
    int size() {
        return size;
    }

    /** Goes back to an earlier size. */
    void backTo(int earlierSize) {
        size = earlierSize;
    }

    private void push(@Nullable Object name, int index) {
        if (size == names.length) {
            names = Arrays.copyOf(names, 2 * size);
            indexes = Arrays.copyOf(indexes, 2 * size);
        }
        names[size] = name;
        indexes[size++] = index;
    }

    /** The path with one more name behind it. */
    String with(String name) {
        String path = toString();
        return path.isEmpty() ? name : path + "." + name;
    }

    @Override
    public String toString() {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < size; i++) {
            switch (names[i]) {
                case FieldPlan field -> path.append(path.isEmpty() ? "" : ".").append(field.name());
                case String key -> path.append("[\"").append(Excerpt.of(key)).append("\"]");
                case null, default -> path.append('[').append(indexes[i]).append(']');
            }
        }
        return path.toString();
    }
}
