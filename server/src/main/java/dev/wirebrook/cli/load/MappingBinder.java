package dev.wirebrook.cli.load;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.app.config.Nearest;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.EventMapping.Assignment;
import dev.wirebrook.cli.load.Expression.Aggregate;
import dev.wirebrook.cli.load.Expression.Arithmetic;
import dev.wirebrook.cli.load.Expression.Call;
import dev.wirebrook.cli.load.Expression.Column;
import dev.wirebrook.cli.load.Expression.Constant;
import dev.wirebrook.cli.load.Expression.Negation;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Resolves the names in a {@link MappingSpec} to fields and columns. Used once. */
final class MappingBinder {
    /** Chooses a field of the event itself where its type has one of the same name. */
    static final String ENVELOPE = "event.";

    /** A list of names that a person can still look through. */
    private static final int NAMES_SHOWN = 20;

    private final Descriptor headerMessage;
    private final Descriptor eventMessage;
    private final Descriptor bodyMessage;
    private final List<String> columns;
    private final boolean grouped;
    private final List<Assignment> envelope = new ArrayList<>();
    private final List<Assignment> body = new ArrayList<>();
    private final List<Assignment> header = new ArrayList<>();
    private final List<Aggregate> aggregates = new ArrayList<>();
    private final Set<String> bareColumns = new LinkedHashSet<>();

    /**
     * The spec, resolved.
     *
     * @param envelope what goes into the event itself, such as its timestamp
     * @param body what goes into the message of its type
     * @param aggregates that stand anywhere
     * @param bareColumns that stand anywhere outside of an aggregate
     */
    record Bound(
            List<Assignment> envelope,
            List<Assignment> body,
            List<Assignment> header,
            List<Aggregate> aggregates,
            List<String> bareColumns) {
        Bound {
            envelope = List.copyOf(envelope);
            body = List.copyOf(body);
            header = List.copyOf(header);
            aggregates = List.copyOf(aggregates);
            bareColumns = List.copyOf(bareColumns);
        }
    }

    /**
     * @param columns of the file; empty when each row has its own
     * @param grouped whether aggregates have a meaning
     */
    MappingBinder(EventCatalog catalog, EventType type, List<String> columns, boolean grouped) {
        this.headerMessage = catalog.header().getMessageType();
        this.eventMessage = catalog.events().getMessageType();
        this.bodyMessage = type.field().getMessageType();
        this.columns = columns;
        this.grouped = grouped;
    }

    static EventType typeNamed(EventCatalog catalog, String name) {
        return catalog.typeNamed(name)
                .orElseThrow(() ->
                        CommandFailure.usage(
                                "the server has no event type " + name,
                                meant(
                                        name,
                                        catalog.types().stream().map(EventType::name).toList())));
    }

    /**
     * @throws CommandFailure when something is not there, or an expression cannot be read
     */
    Bound bind(MappingSpec spec) {
        new TreeMap<>(spec.fields()).forEach(this::bindField);
        new TreeMap<>(spec.header())
                .forEach((name, text) ->
                        bind(
                                header,
                                FieldPath.find(headerMessage, name),
                                name,
                                text,
                                headerMessage));
        spec.groupBy().forEach(this::checkColumn);
        if (spec.fields().isEmpty()) {
            (columns.isEmpty() ? namesOfFields() : columns).forEach(this::bindByName);
        }
        return new Bound(envelope, body, header, aggregates, List.copyOf(bareColumns));
    }

    private void bindField(String name, String text) {
        if (name.startsWith(ENVELOPE)) {
            String inner = name.substring(ENVELOPE.length());
            bind(envelope, inEnvelope(inner), inner, text, eventMessage);
            return;
        }
        Optional<FieldPath> inBody = FieldPath.find(bodyMessage, name);
        Optional<FieldPath> inEnvelope = inEnvelope(name);
        if (inBody.isEmpty() && inEnvelope.isPresent()) {
            bind(envelope, inEnvelope, name, text, eventMessage);
        } else {
            bind(body, inBody, name, text, bodyMessage);
        }
    }

    /** A field of the event that is no type. */
    private Optional<FieldPath> inEnvelope(String name) {
        return FieldPath.find(eventMessage, name)
                .filter(path -> path.fields().getFirst().getRealContainingOneof() == null);
    }

    /** Where each row has columns of its own, they are looked for by the fields' names. */
    private List<String> namesOfFields() {
        Set<String> names = new LinkedHashSet<>();
        for (Descriptor message : List.of(bodyMessage, eventMessage, headerMessage)) {
            message.getFields().forEach(field -> names.add(field.getName()));
        }
        return List.copyOf(names);
    }

    /** A column of the same name as a field goes into it, if nothing else does. */
    private void bindByName(String column) {
        Optional<FieldPath> inBody =
                FieldPath.find(bodyMessage, column).filter(FieldPath::isAssignable);
        Optional<FieldPath> inEnvelope = inEnvelope(column).filter(FieldPath::isAssignable);
        Optional<FieldPath> inHeader =
                FieldPath.find(headerMessage, column).filter(FieldPath::isAssignable);
        if (inBody.isPresent()) {
            assignByName(body, inBody.get(), column);
        } else if (inEnvelope.isPresent()) {
            assignByName(envelope, inEnvelope.get(), column);
        } else {
            inHeader.ifPresent(path -> assignByName(header, path, column));
        }
    }

    private void assignByName(List<Assignment> into, FieldPath path, String column) {
        if (into.stream().noneMatch(assignment -> assignment.path().equals(path))) {
            into.add(new Assignment(path, new Column(column), column));
            bareColumns.add(column);
        }
    }

    private void bind(
            List<Assignment> into,
            Optional<FieldPath> found,
            String name,
            String text,
            Descriptor message) {
        FieldPath path =
                found.orElseThrow(() ->
                        CommandFailure.usage(
                                message.getName() + " has no field " + name,
                                meant(
                                        name,
                                        message.getFields().stream()
                                                .map(FieldDescriptor::getName)
                                                .toList())));
        if (!path.isAssignable()) {
            throw CommandFailure.usage(
                    "field " + name + ": a " + path.typeName() + " cannot be made from one value",
                    "Name a field in it: " + path.name() + ".FIELD");
        }
        into.add(new Assignment(path, expression(name, text), text));
    }

    private Expression expression(String name, String text) {
        Expression expression;
        try {
            // A column whose name is no word need not be quoted when it stands alone.
            expression = columns.contains(text) ? new Column(text) : ExpressionParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("field " + name + ": " + e.getMessage(), "");
        }
        collect(expression, false);
        return expression;
    }

    private void collect(Expression expression, boolean inAggregate) {
        switch (expression) {
            case Constant constant -> {}
            case Column column -> {
                checkColumn(column.name());
                if (!inAggregate) {
                    bareColumns.add(column.name());
                }
            }
            case Negation negation -> collect(negation.operand(), inAggregate);
            case Arithmetic arithmetic -> {
                collect(arithmetic.left(), inAggregate);
                collect(arithmetic.right(), inAggregate);
            }
            case Call call -> call.arguments().forEach(a -> collect(a, inAggregate));
            case Aggregate aggregate -> {
                if (!grouped) {
                    throw CommandFailure.usage(
                            aggregate.function().word() + "(..) needs groups",
                            "Add --group-by COLUMN");
                }
                aggregates.add(aggregate);
                aggregate.operand().forEach(operand -> collect(operand, true));
            }
        }
    }

    private void checkColumn(String column) {
        if (!columns.isEmpty() && !columns.contains(column)) {
            throw CommandFailure.usage("the file has no column " + column, meant(column, columns));
        }
    }

    private static String meant(String wrong, List<String> right) {
        return Nearest.to(wrong, right)
                .map(nearest -> "Did you mean: " + nearest + "?")
                .orElseGet(() ->
                        "There are: "
                                + String.join(
                                        ", ", right.subList(0, Math.min(NAMES_SHOWN, right.size())))
                                + (right.size() > NAMES_SHOWN
                                        ? " and " + (right.size() - NAMES_SHOWN) + " more"
                                        : ""));
    }
}
