package dev.wirebrook.cli.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.Expression.Aggregate;
import dev.wirebrook.cli.load.Expression.Column;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes events of rows or groups, by the descriptors of the catalogue in force. Confined to one
 * thread.
 */
final class EventMapping {
    private final EventCatalog catalog;
    private final EventType type;
    private final FieldValues values;
    private final MappingBinder.Bound bound;

    /**
     * What goes into one field.
     *
     * @param text the expression as written
     */
    record Assignment(FieldPath path, Expression expression, String text) {}

    /**
     * One event, ready to be sent.
     *
     * @param header the serialised header that it has to be sent under
     */
    record MappedEvent(ByteString header, ByteString event) {}

    private EventMapping(
            EventCatalog catalog, EventType type, FieldValues values, MappingBinder.Bound bound) {
        this.catalog = catalog;
        this.type = type;
        this.values = values;
        this.bound = bound;
    }

    /**
     * Binds the spec to fields and columns.
     *
     * @param columns of the file; empty when each row has its own
     * @throws CommandFailure when the spec names a field or a column that is not there, or an
     *     expression cannot be read
     */
    static EventMapping of(EventCatalog catalog, MappingSpec spec, List<String> columns) {
        EventType type = MappingBinder.typeNamed(catalog, spec.type());
        Timestamps timestamps;
        try {
            timestamps = Timestamps.of(spec.timeFormat(), spec.zone());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--time-format: " + e.getMessage(), "");
        }
        return new EventMapping(
                catalog,
                type,
                new FieldValues(timestamps),
                new MappingBinder(catalog, type, columns, !spec.groupBy().isEmpty()).bind(spec));
    }

    /** The aggregates that a group has to keep. */
    List<Aggregate> aggregates() {
        return bound.aggregates();
    }

    /** The columns that a group has to keep the first text of. */
    List<String> bareColumns() {
        return bound.bareColumns();
    }

    /** Whether nothing at all goes into the event. */
    boolean isEmpty() {
        return bound.body().isEmpty() && bound.envelope().isEmpty();
    }

    /** What goes where, a line each. */
    List<String> description() {
        List<String> lines = new ArrayList<>();
        bound.body().forEach(a -> lines.add(a.path().name() + " = " + a.text()));
        bound.envelope()
                .forEach(a ->
                        lines.add(MappingBinder.ENVELOPE + a.path().name() + " = " + a.text()));
        bound.header().forEach(a -> lines.add("header." + a.path().name() + " = " + a.text()));
        return lines;
    }

    /**
     * The event of a row or a group.
     *
     * @param id the event's, unless the spec maps one
     */
    MappedEvent map(Evaluation.Scope scope, String id) throws RowFault {
        DynamicMessage.Builder event = DynamicMessage.newBuilder(catalog.events().getMessageType());
        event.setField(catalog.eventId(), id);
        assignAll(event, bound.envelope(), scope);
        DynamicMessage.Builder body = DynamicMessage.newBuilder(type.field().getMessageType());
        assignAll(body, bound.body(), scope);
        event.setField(type.field(), body.build());
        DynamicMessage.Builder header =
                DynamicMessage.newBuilder(catalog.header().getMessageType());
        assignAll(header, bound.header(), scope);
        return new MappedEvent(header.build().toByteString(), event.build().toByteString());
    }

    private void assignAll(
            DynamicMessage.Builder message, List<Assignment> assignments, Evaluation.Scope scope)
            throws RowFault {
        for (Assignment assignment : assignments) {
            try {
                Object value = Evaluation.of(assignment.expression(), scope);
                if (value != null) {
                    assignment.path().set(message, fieldValue(assignment.path(), value));
                }
            } catch (RowFault e) {
                throw new RowFault(explain(assignment, e.text()));
            }
        }
    }

    private Object fieldValue(FieldPath path, Object value) throws RowFault {
        return isTime(path) ? values.rfc3339(value) : values.of(path, value);
    }

    private boolean isTime(FieldPath path) {
        return path.last().equals(catalog.timestamp());
    }

    /** Such as: column UnitPrice: "abc" is not a number (field price, double). */
    private String explain(Assignment assignment, String fault) {
        String place = "";
        if (!fault.startsWith("column ")) {
            place =
                    assignment.expression() instanceof Column column
                            ? "column " + column.name() + ": "
                            : assignment.text() + ": ";
        }
        FieldPath path = assignment.path();
        return "%s%s (field %s, %s)"
                .formatted(place, fault, path.name(), isTime(path) ? "time" : path.typeName());
    }
}
