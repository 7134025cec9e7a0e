package dev.wirebrook.app;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import dev.wirebrook.schema.EventCatalog;
import java.util.function.Consumer;

/** A user's schema: the contract's, with doors that no generated class knows. */
final class DoorSchema {
    static final int NUMBER = 5_000;

    private DoorSchema() {}

    /** The contract's file with doors, and what a test changes in it. */
    static byte[] with(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder set = EventCatalog.standard().descriptorSet().toBuilder();
        FileDescriptorProto.Builder file = set.getFileBuilder(set.getFileCount() - 1);
        file.addMessageType(
                DescriptorProto.newBuilder()
                        .setName("DoorOpenedEvent")
                        .addField(field("doorName", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("millis", 2, FieldDescriptorProto.Type.TYPE_INT32)));
        event(file)
                .addField(
                        field("doorOpenedEvent", NUMBER, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                .setTypeName(".event.DoorOpenedEvent")
                                .setOneofIndex(0));
        change.accept(file);
        return set.build().toByteArray();
    }

    static FieldDescriptorProto.Builder field(
            String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setJsonName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    }

    private static DescriptorProto.Builder event(FileDescriptorProto.Builder file) {
        return file.getMessageTypeBuilderList().stream()
                .filter(message -> message.getName().equals("Event"))
                .findFirst()
                .orElseThrow();
    }

    static DescriptorProto.Builder door(FileDescriptorProto.Builder file) {
        return file.getMessageTypeBuilder(file.getMessageTypeCount() - 1);
    }

    static FieldDescriptorProto.Builder variant(FileDescriptorProto.Builder file) {
        return event(file).getFieldBuilder(event(file).getFieldCount() - 1);
    }
}
