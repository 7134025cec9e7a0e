package dev.wirebrook.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.event.EventProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The event types that a server knows, read from descriptors.
 *
 * <p>The contract's shape is found by names, not by generated classes: the input of {@code
 * event.EventService/dispatch} is the batch message; its field {@code header} is the header, its
 * repeated field {@code events} the event; the event's fields {@code id} and {@code timestamp} are
 * its identity and time, and the variants of its only oneof are the event types. The header's field
 * {@code clientId}, if there is one, says whose ids they are. So a user's own descriptor set needs
 * no Java.
 *
 * <p>Immutable.
 */
public final class EventCatalog {
    /**
     * Variants with numbers from here to {@link #SERVER_NUMBERS_TO} are of the server's own types,
     * beyond what anybody counts up to; still three bytes on the wire.
     */
    public static final int SERVER_NUMBERS_FROM = 200_000;

    public static final int SERVER_NUMBERS_TO = 200_099;

    private static final String SERVICE = "event.EventService";
    private static final String METHOD = "dispatch";

    private final MethodDescriptor dispatch;
    private final FieldDescriptor header;
    private final FieldDescriptor events;
    private final FieldDescriptor eventId;
    private final FieldDescriptor timestamp;
    private final Optional<FieldDescriptor> clientId;
    private final OneofDescriptor oneof;
    private final List<EventType> types;
    private final Map<Integer, EventType> typeByNumber = new HashMap<>();
    private final Map<String, EventType> typeByName = new HashMap<>();

    private EventCatalog(MethodDescriptor dispatch) {
        this.dispatch = dispatch;
        Descriptor batch = dispatch.getInputType();
        header = CatalogRules.message(batch, "header", false);
        events = CatalogRules.message(batch, "events", true);
        Descriptor event = events.getMessageType();
        eventId = CatalogRules.string(event, "id");
        timestamp = CatalogRules.string(event, "timestamp");
        Descriptor headerMessage = header.getMessageType();
        clientId =
                headerMessage.findFieldByName("clientId") == null
                        ? Optional.empty()
                        : Optional.of(CatalogRules.string(headerMessage, "clientId"));
        oneof = CatalogRules.onlyOneof(event);
        types = types(oneof);
        CatalogRules.checkAllMessages(batch);
        for (EventType type : types) {
            typeByNumber.put(type.field().getNumber(), type);
            typeByName.put(type.name(), type);
        }
    }

    /** The catalogue that the server is built with. */
    public static EventCatalog standard() {
        return of(List.of(EventProto.getDescriptor()));
    }

    /**
     * Reads a compiled descriptor set, as {@code buf build -o} or {@code protoc --include_imports
     * --descriptor_set_out} write it.
     *
     * @throws InvalidCatalogException when the bytes are none, an import is missing, or the
     *     contract's shape is not there; the message says what would be right
     */
    public static EventCatalog parse(byte[] descriptorSet) {
        FileDescriptorSet set;
        try {
            set = FileDescriptorSet.parseFrom(descriptorSet);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidCatalogException(
                    "not a compiled descriptor set; make one with: buf build -o schema.binpb", e);
        }
        return of(DescriptorLinker.link(set));
    }

    /**
     * This catalogue with a type of the server's own: one variant more, named after its message,
     * and otherwise as it is. A catalogue that has it already stays the same, as one that a client
     * was given by the server.
     *
     * @param number one of {@link #SERVER_NUMBERS_FROM} to {@link #SERVER_NUMBERS_TO}
     * @throws InvalidCatalogException when the number, the variant's name, the message's or the
     *     table's is taken by the user's; the message says what to rename
     */
    public EventCatalog with(Descriptor message, int number) {
        if (number < SERVER_NUMBERS_FROM || number > SERVER_NUMBERS_TO) {
            throw new IllegalArgumentException(number + " is none of the server's numbers");
        }
        return of(DescriptorLinker.link(CatalogExtension.of(this, message, number)));
    }

    private static EventCatalog of(List<FileDescriptor> files) {
        for (FileDescriptor file : files) {
            for (var service : file.getServices()) {
                if (service.getFullName().equals(SERVICE)) {
                    MethodDescriptor method = service.findMethodByName(METHOD);
                    if (method != null) {
                        return new EventCatalog(method);
                    }
                }
            }
        }
        throw new InvalidCatalogException(
                "no method "
                        + METHOD
                        + " in a service "
                        + SERVICE
                        + "; keep the service of proto/event/event.proto and change the variants of its Event");
    }

    private static List<EventType> types(OneofDescriptor oneof) {
        List<FieldDescriptor> variants = new ArrayList<>(oneof.getFields());
        variants.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
        List<EventType> types = new ArrayList<>();
        Map<String, FieldDescriptor> variantByTable = new HashMap<>();
        for (FieldDescriptor variant : variants) {
            CatalogRules.checkVariant(variant);
            String name = variant.getMessageType().getName();
            EventType type = new EventType(types.size(), variant, name, SnakeCase.of(name));
            CatalogRules.checkTable(type, variantByTable.put(type.table(), variant));
            types.add(type);
        }
        return Collections.unmodifiableList(types);
    }

    /** All types, by rising number; {@link EventType#ordinal} is the index. */
    public List<EventType> types() {
        return types;
    }

    public Optional<EventType> typeNumbered(int number) {
        return Optional.ofNullable(typeByNumber.get(number));
    }

    public Optional<EventType> typeNamed(String name) {
        return Optional.ofNullable(typeByName.get(name));
    }

    /** The method {@code event.EventService/dispatch}. */
    public MethodDescriptor dispatch() {
        return dispatch;
    }

    /** The batch message, {@code event.Events}. */
    public Descriptor batchMessage() {
        return dispatch.getInputType();
    }

    /** The batch's header. */
    public FieldDescriptor header() {
        return header;
    }

    /** The batch's events. */
    public FieldDescriptor events() {
        return events;
    }

    public FieldDescriptor eventId() {
        return eventId;
    }

    public FieldDescriptor timestamp() {
        return timestamp;
    }

    /** The header's field that with the event's id names an event, if the header has it. */
    public Optional<FieldDescriptor> clientId() {
        return clientId;
    }

    /** The event's oneof, whose variants are the types. */
    public OneofDescriptor oneof() {
        return oneof;
    }

    /** The file of the contract and all it imports, imports first. */
    public FileDescriptorSet descriptorSet() {
        return DescriptorLinker.withImports(dispatch.getFile());
    }
}
