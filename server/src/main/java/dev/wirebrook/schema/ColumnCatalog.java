package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.schema.Column.Owner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The columns of every event type.
 *
 * <p>Names are the fields' names in snake case. Where two collide, the fixed columns come first,
 * then the header's, the event's and the variant's own, each by rising field number; who comes
 * later takes its owner's prefix ({@code header_}, {@code event_}, {@code own_}), and if that is
 * taken too, its field number as suffix. So names follow from the descriptors alone.
 *
 * <p>Immutable.
 */
public final class ColumnCatalog {
    /** Columns that every table has, whatever the descriptors say. */
    public static final List<String> FIXED_NAMES =
            List.of("event_id", "event_type", "event_time", "ingest_time", "fields");

    private final EventCatalog events;
    private final List<Column> header;
    private final List<Column> event;
    private final List<List<Column>> own;
    private final JsonFormat.Printer printer;

    private ColumnCatalog(EventCatalog events) {
        this.events = events;
        printer = RowJson.printer(events);
        Set<String> taken = new HashSet<>(FIXED_NAMES);
        header = columns(events.header().getMessageType(), Owner.HEADER, field -> true, taken);
        event = columns(events.events().getMessageType(), Owner.EVENT, this::isShared, taken);
        own =
                events.types().stream()
                        .map(type -> type.field().getMessageType())
                        .map(type -> columns(type, Owner.OWN, f -> true, new HashSet<>(taken)))
                        .toList();
    }

    /** The header's column that says whose ids the events' ids are, if there is one. */
    public Optional<Column> clientId() {
        return events.clientId()
                .flatMap(field ->
                        header.stream().filter(column -> column.field() == field).findFirst());
    }

    public static ColumnCatalog of(EventCatalog events) {
        return new ColumnCatalog(events);
    }

    private boolean isShared(FieldDescriptor field) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        return oneof == null && field != events.eventId() && field != events.timestamp();
    }

    private static List<Column> columns(
            Descriptor message, Owner owner, Predicate<FieldDescriptor> chosen, Set<String> taken) {
        List<FieldDescriptor> fields = new ArrayList<>(message.getFields());
        fields.removeIf(chosen.negate());
        fields.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
        Set<String> fieldNames = new HashSet<>();
        List<Column> columns = new ArrayList<>();
        for (FieldDescriptor field : fields) {
            String fieldName = free(SnakeCase.of(field.getName()), "", field, fieldNames);
            columns.add(
                    new Column(
                            owner,
                            fieldName,
                            free(fieldName, owner.prefix(), field, taken),
                            ColumnType.of(field),
                            field.hasPresence(),
                            field));
        }
        return List.copyOf(columns);
    }

    private static String free(
            String name, String prefix, FieldDescriptor field, Set<String> taken) {
        String free = name;
        if (!taken.add(free)) {
            free = prefix + name;
            while (!taken.add(free)) {
                free = free + '_' + field.getNumber();
            }
        }
        return free;
    }

    public EventCatalog events() {
        return events;
    }

    /** The header's columns. */
    public List<Column> header() {
        return header;
    }

    /** The columns that every event has beside its id, its time and its variant. */
    public List<Column> event() {
        return event;
    }

    /** The columns of the variant's own message. */
    public List<Column> own(EventType type) {
        return own.get(type.ordinal());
    }

    /** Decodes headers; its columns are {@link #header}. */
    public RowDecoder headerDecoder() {
        return RowDecoder.ofMessage(header, events, printer);
    }

    /** Decodes events of one type; its columns are {@link #event} and then {@link #own}. */
    public RowDecoder eventDecoder(EventType type) {
        return RowDecoder.ofEvent(event, own(type), type, events, printer);
    }
}
