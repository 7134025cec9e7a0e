package dev.wirebrook.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The event types that a server knows, read from descriptors.
 *
 * <p>The contract's shape is found by names, not by generated classes: the input of {@code
 * event.EventService/dispatch} is the batch message; its field {@code header} is the header, its
 * repeated field {@code events} the event; the event's fields {@code id} and {@code timestamp} are
 * its identity and time, and the variants of its only oneof are the event types. So a user's own
 * descriptor set needs no Java.
 *
 * <p>Immutable.
 */
public final class EventCatalog {
    private static final String SERVICE = "event.EventService";
    private static final String METHOD = "dispatch";

    private final MethodDescriptor dispatch;
    private final FieldDescriptor header;
    private final FieldDescriptor events;
    private final FieldDescriptor eventId;
    private final FieldDescriptor timestamp;
    private final List<EventType> types;
    private final Map<Integer, EventType> typeByNumber = new HashMap<>();
    private final Map<String, EventType> typeByName = new HashMap<>();

    private EventCatalog(MethodDescriptor dispatch) {
        this.dispatch = dispatch;
        Descriptor batch = dispatch.getInputType();
        header = field(batch, "header", FieldDescriptor.JavaType.MESSAGE, false);
        events = field(batch, "events", FieldDescriptor.JavaType.MESSAGE, true);
        Descriptor event = events.getMessageType();
        eventId = field(event, "id", FieldDescriptor.JavaType.STRING, false);
        timestamp = field(event, "timestamp", FieldDescriptor.JavaType.STRING, false);
        types = types(event);
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
        return of(link(set));
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

    private static List<FileDescriptor> link(FileDescriptorSet set) {
        Map<String, FileDescriptorProto> protos = new LinkedHashMap<>();
        set.getFileList().forEach(file -> protos.put(file.getName(), file));
        Map<String, FileDescriptor> linked = new HashMap<>();
        List<FileDescriptor> files = new ArrayList<>();
        for (String name : protos.keySet()) {
            files.add(link(name, protos, linked, new HashSet<>()));
        }
        return files;
    }

    private static FileDescriptor link(
            String name,
            Map<String, FileDescriptorProto> protos,
            Map<String, FileDescriptor> linked,
            Set<String> path) {
        FileDescriptor known = linked.get(name);
        if (known != null) {
            return known;
        }
        FileDescriptorProto proto = protos.get(name);
        if (proto == null) {
            throw new InvalidCatalogException(
                    "import "
                            + name
                            + " is missing; build with imports: buf build -o schema.binpb, or protoc --include_imports");
        }
        if (!path.add(name)) {
            throw new InvalidCatalogException("import " + name + " imports itself");
        }
        FileDescriptor[] imports =
                proto.getDependencyList().stream()
                        .map(dependency -> link(dependency, protos, linked, path))
                        .toArray(FileDescriptor[]::new);
        path.remove(name);
        try {
            FileDescriptor file = FileDescriptor.buildFrom(proto, imports);
            linked.put(name, file);
            return file;
        } catch (DescriptorValidationException e) {
            throw new InvalidCatalogException(name + ": " + e.getMessage(), e);
        }
    }

    private static FieldDescriptor field(
            Descriptor message, String name, FieldDescriptor.JavaType type, boolean repeated) {
        FieldDescriptor field = message.findFieldByName(name);
        if (field == null || field.getJavaType() != type || field.isRepeated() != repeated) {
            throw new InvalidCatalogException(
                    "%s needs a field \"%s\" that is a %s%s"
                            .formatted(
                                    message.getFullName(),
                                    name,
                                    repeated ? "repeated " : "",
                                    type));
        }
        return field;
    }

    private static List<EventType> types(Descriptor event) {
        List<OneofDescriptor> oneofs = event.getRealOneofs();
        if (oneofs.size() != 1) {
            throw new InvalidCatalogException(
                    event.getFullName()
                            + " needs exactly one oneof, whose variants are the event types; it has "
                            + oneofs.size());
        }
        List<FieldDescriptor> variants = new ArrayList<>(oneofs.getFirst().getFields());
        variants.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
        List<EventType> types = new ArrayList<>();
        Set<String> tables = new HashSet<>();
        for (FieldDescriptor variant : variants) {
            if (variant.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                throw new InvalidCatalogException(
                        variant.getFullName() + " is no message; every event type is one");
            }
            String name = variant.getMessageType().getName();
            EventType type = new EventType(types.size(), variant, name, SnakeCase.of(name));
            if (!tables.add(type.table())) {
                throw new InvalidCatalogException(
                        variant.getFullName()
                                + ": another variant has the table name "
                                + type.table()
                                + " too");
            }
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

    /** The file of the contract and all it imports, imports first. */
    public FileDescriptorSet descriptorSet() {
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        collect(dispatch.getFile(), new HashSet<>(), set);
        return set.build();
    }

    private static void collect(
            FileDescriptor file, Set<String> seen, FileDescriptorSet.Builder set) {
        if (seen.add(file.getName())) {
            file.getDependencies().forEach(dependency -> collect(dependency, seen, set));
            set.addFile(file.toProto());
        }
    }
}
