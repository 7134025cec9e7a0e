package dev.wirebrook.schema;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds a type of the server's own to the variants of a catalogue's event. The user's files stay as
 * they are, but for one field and one import in the event's.
 */
final class CatalogExtension {
    private final EventCatalog catalog;
    private final Descriptor event;
    private final Descriptor own;
    private final int number;
    private final String variant;

    private CatalogExtension(EventCatalog catalog, Descriptor own, int number) {
        this.catalog = catalog;
        this.own = own;
        this.number = number;
        event = catalog.events().getMessageType();
        variant = Character.toLowerCase(own.getName().charAt(0)) + own.getName().substring(1);
    }

    /**
     * The catalogue's files with the type; unchanged when they have it already, as those do that
     * the server was asked for.
     *
     * @throws InvalidCatalogException when its number or one of its names is taken; says what to
     *     rename
     */
    static FileDescriptorSet of(EventCatalog catalog, Descriptor own, int number) {
        return new CatalogExtension(catalog, own, number).extended();
    }

    private FileDescriptorSet extended() {
        FileDescriptorSet files = catalog.descriptorSet();
        checkFiles(files);
        FieldDescriptor taken = event.findFieldByNumber(number);
        if (taken != null && isOwn(taken)) {
            return files;
        }
        checkNames(taken);
        FileDescriptorSet.Builder set = files.toBuilder();
        Set<String> names = new HashSet<>();
        for (FileDescriptorProto.Builder file : set.getFileBuilderList()) {
            names.add(file.getName());
            if (file.getName().equals(event.getFile().getName())) {
                extend(file);
            }
        }
        for (FileDescriptorProto file : DescriptorLinker.withImports(own.getFile()).getFileList()) {
            if (names.add(file.getName())) {
                set.addFile(file);
            }
        }
        return set.build();
    }

    private boolean isOwn(FieldDescriptor field) {
        return field.getContainingOneof() == catalog.oneof()
                && field.getName().equals(variant)
                && field.getMessageType().getFullName().equals(own.getFullName());
    }

    private void checkNames(@Nullable FieldDescriptor taken) {
        if (taken != null) {
            throw new InvalidCatalogException(
                    "%s has the number %d, which is the server's for its type %s; give it another number"
                            .formatted(taken.getFullName(), number, own.getName()));
        }
        for (FieldDescriptor field : event.getFields()) {
            if (field.getJsonName().equals(variant)) {
                throw new InvalidCatalogException(
                        "%s has the name of the variant that the server adds for its type %s; rename the field"
                                .formatted(field.getFullName(), own.getName()));
            }
        }
        for (EventType type : catalog.types()) {
            if (type.table().equals(SnakeCase.of(own.getName()))) {
                throw new InvalidCatalogException(
                        "%s is of type %s, whose table %s is that of the server's type %s; rename the message"
                                .formatted(
                                        type.field().getFullName(),
                                        type.field().getMessageType().getFullName(),
                                        type.table(),
                                        own.getFullName()));
            }
        }
    }

    /** A user may have our file, from a catalogue that the server gave out, but no other one. */
    private void checkFiles(FileDescriptorSet files) {
        for (FileDescriptorProto file : files.getFileList()) {
            boolean ours = file.getName().equals(own.getFile().getName());
            boolean has =
                    file.getPackage().equals(own.getFile().getPackage())
                            && file.getMessageTypeList().stream()
                                    .anyMatch(message -> message.getName().equals(own.getName()));
            if (has != ours || (ours && !hasSameShape(file))) {
                throw new InvalidCatalogException(
                        "%s is not the server's own %s with %s; leave the file out, or rename it and the message"
                                .formatted(
                                        file.getName(),
                                        own.getFile().getName(),
                                        own.getFullName()));
            }
        }
    }

    private boolean hasSameShape(FileDescriptorProto file) {
        return file.getMessageTypeList().stream()
                .filter(message -> message.getName().equals(own.getName()))
                .allMatch(message -> shape(message).equals(shape(own.toProto())));
    }

    /** What decides on bytes and columns; compilers differ in what else they put down. */
    private static List<FieldDescriptorProto> shape(DescriptorProto message) {
        return message.getFieldList().stream()
                .map(field ->
                        FieldDescriptorProto.newBuilder()
                                .setName(field.getName())
                                .setNumber(field.getNumber())
                                .setType(field.getType())
                                .setTypeName(field.getTypeName())
                                .setLabel(field.getLabel())
                                .setProto3Optional(field.getProto3Optional())
                                .build())
                .toList();
    }

    private void extend(FileDescriptorProto.Builder file) {
        DescriptorProto.Builder message = builder(file, event);
        FieldDescriptorProto field =
                FieldDescriptorProto.newBuilder()
                        .setName(variant)
                        .setJsonName(variant)
                        .setNumber(number)
                        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                        .setTypeName('.' + own.getFullName())
                        .setOneofIndex(catalog.oneof().getIndex())
                        .build();
        // Compilers in C++ ask for a oneof's fields to stand together.
        int place = catalog.oneof().getFields().getLast().getIndex() + 1;
        if (place < message.getFieldCount()) {
            // It tells comments by the places of fields.
            file.clearSourceCodeInfo();
        }
        message.addField(place, field);
        if (!file.getDependencyList().contains(own.getFile().getName())) {
            file.addDependency(own.getFile().getName());
        }
    }

    private static DescriptorProto.Builder builder(
            FileDescriptorProto.Builder file, Descriptor message) {
        Descriptor owner = message.getContainingType();
        return owner == null
                ? file.getMessageTypeBuilder(message.getIndex())
                : builder(file, owner).getNestedTypeBuilder(message.getIndex());
    }
}
