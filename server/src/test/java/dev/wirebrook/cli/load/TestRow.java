package dev.wirebrook.cli.load;

import java.util.Map;
import org.jspecify.annotations.Nullable;

record TestRow(long number, Map<String, String> values) implements SourceRow {
    @Override
    public @Nullable String value(String column) {
        return values.get(column);
    }
}
