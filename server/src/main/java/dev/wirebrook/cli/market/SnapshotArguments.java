package dev.wirebrook.cli.market;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.app.config.Nearest;
import dev.wirebrook.cli.CommandFailure;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;

/** An update from the words of a command line. */
final class SnapshotArguments {
    private SnapshotArguments() {}

    /**
     * @param symbol name or number
     * @param assignments such as "bid=1.5", at least one
     */
    static Snapshot parse(String symbol, List<String> assignments) {
        Snapshot.Builder update = Snapshot.newBuilder();
        if (NamedSymbols.isId(symbol)) {
            update.setSymbolId(NamedSymbols.id(symbol));
        } else {
            update.setSymbol(symbol.strip());
        }
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw CommandFailure.usage(
                        assignment + " is no FIELD=VALUE", "Fields: " + String.join(", ", names()));
            }
            FieldDescriptor field = field(assignment.substring(0, equals));
            update.setField(field, value(field, assignment.substring(equals + 1)));
        }
        return update.build();
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (FieldDescriptor field : Snapshot.getDescriptor().getFields()) {
            if (isSettable(field)) {
                names.add(field.getName());
            }
        }
        return names;
    }

    /** The depth has a form of its own, and the rest is the server's to say. */
    private static boolean isSettable(FieldDescriptor field) {
        return switch (field.getNumber()) {
            case Snapshot.DEPTH_FIELD_NUMBER,
                    Snapshot.SEQUENCE_FIELD_NUMBER,
                    Snapshot.STALE_FIELD_NUMBER ->
                    false;
            default -> true;
        };
    }

    private static FieldDescriptor field(String name) {
        for (FieldDescriptor field : Snapshot.getDescriptor().getFields()) {
            if (isSettable(field)
                    && (field.getName().equals(name) || field.getJsonName().equals(name))) {
                return field;
            }
        }
        throw CommandFailure.usage(
                "a snapshot has no field %s that can be given here".formatted(name),
                name.equals("depth")
                        ? "Give the depth in JSON: wirebrook market publish - < snapshots.jsonl"
                        : Nearest.to(name, names())
                                .map(nearest -> "Did you mean: " + nearest + "?")
                                .orElse("Fields: " + String.join(", ", names())));
    }

    private static Object value(FieldDescriptor field, String text) {
        return switch (field.getJavaType()) {
            case STRING -> text;
            case INT -> NamedSymbols.id(text);
            case DOUBLE -> number(field.getName(), text);
            default -> time(text);
        };
    }

    private static double number(String field, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw CommandFailure.usage(
                    "\"%s\" is not a number (field %s)".formatted(text, field), "");
        }
    }

    private static Timestamp time(String text) {
        try {
            return Timestamps.parse(text);
        } catch (ParseException | IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "\"%s\" is not a time (field exchange_time)".formatted(text),
                    "Write it as 2026-01-31T12:00:00Z");
        }
    }
}
