package dev.wirebrook.events.grpc;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.wirebrook.api.event.EventProto;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.Violation;
import dev.wirebrook.api.ingest.v1.IngestProto;
import dev.wirebrook.schema.EventCatalog;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The contract of {@code wirebrook.ingest.v1} over a catalogue's own event messages, so that who
 * asks by reflection can send and read a user's types. On the wire it is the same.
 */
final class IngestSchema {
    private static final String SERVICE = "IngestService";
    private static final String RESULT_OWNER = "BatchResult";

    private final EventCatalog catalog;
    private final FileDescriptorProto.Builder file =
            IngestProto.getDescriptor().toProto().toBuilder();
    private final Map<String, FileDescriptor> imports = new LinkedHashMap<>();
    private final Map<String, String> ownNames = new HashMap<>();

    private IngestSchema(EventCatalog catalog) {
        this.catalog = catalog;
    }

    static ServiceDescriptor of(EventCatalog catalog) {
        FileDescriptor file =
                catalog.dispatch().getFile() == EventProto.getDescriptor()
                        ? IngestProto.getDescriptor()
                        : new IngestSchema(catalog).link();
        return file.findServiceByName(SERVICE);
    }

    private FileDescriptor link() {
        for (FileDescriptor dependency : IngestProto.getDescriptor().getDependencies()) {
            if (dependency != EventProto.getDescriptor()) {
                imports.put(dependency.getName(), dependency);
            }
        }
        use("Events", catalog.batchMessage());
        use("Header", catalog.header().getMessageType());
        use("Event", catalog.events().getMessageType());
        useResults();
        file.getMessageTypeBuilderList().forEach(this::rename);
        file.clearDependency().addAllDependency(imports.keySet());
        try {
            return FileDescriptor.buildFrom(
                    file.build(), imports.values().toArray(FileDescriptor[]::new));
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException("the contract over " + imports.keySet(), e);
        }
    }

    private void use(String name, Descriptor own) {
        ownNames.put(".event." + name, '.' + own.getFullName());
        imports.put(own.getFile().getName(), own.getFile());
    }

    /**
     * The user's messages of results, or, where the schema has none, the contract's within ours.
     */
    private void useResults() {
        FileDescriptor own = catalog.dispatch().getFile();
        Descriptor result = own.findMessageTypeByName(EventResult.getDescriptor().getName());
        if (result != null) {
            use(result.getName(), result);
            return;
        }
        String owner = '.' + file.getPackage() + '.' + RESULT_OWNER;
        for (Descriptor message :
                new Descriptor[] {EventResult.getDescriptor(), Violation.getDescriptor()}) {
            String name = '.' + message.getFullName();
            ownNames.put(name, owner + '.' + message.getName());
            message.getEnumTypes()
                    .forEach(type ->
                            ownNames.put(
                                    '.' + type.getFullName(),
                                    owner + '.' + message.getName() + '.' + type.getName()));
            owner().addNestedType(message.toProto());
        }
    }

    private DescriptorProto.Builder owner() {
        return file.getMessageTypeBuilderList().stream()
                .filter(message -> message.getName().equals(RESULT_OWNER))
                .findFirst()
                .orElseThrow();
    }

    private void rename(DescriptorProto.Builder message) {
        for (FieldDescriptorProto.Builder field : message.getFieldBuilderList()) {
            String own = ownNames.get(field.getTypeName());
            if (own != null) {
                field.setTypeName(own);
            }
        }
        message.getNestedTypeBuilderList().forEach(this::rename);
    }
}
