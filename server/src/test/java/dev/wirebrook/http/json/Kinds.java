package dev.wirebrook.http.json;

import com.google.protobuf.AnyProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.StructProto;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.WrappersProto;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A message with every kind of field in every place, and what it may hold in an Any. */
final class Kinds {
    static final Descriptor TYPE = link().findMessageTypeByName("Kinds");
    static final JsonFormat.TypeRegistry REGISTRY =
            JsonFormat.TypeRegistry.newBuilder()
                    .add(TYPE)
                    .add(TimestampProto.getDescriptor().getMessageTypes())
                    .build();
    static final JsonMessage MESSAGE = JsonMessage.of(TYPE, REGISTRY);

    private Kinds() {}

    private static FileDescriptor link() {
        try {
            FileDescriptor telemetry =
                    FileDescriptor.buildFrom(
                            file("/dev/wirebrook/schema/telemetry.txtpb"), new FileDescriptor[0]);
            return FileDescriptor.buildFrom(
                    file("kinds.txtpb"),
                    new FileDescriptor[] {
                        AnyProto.getDescriptor(),
                        DurationProto.getDescriptor(),
                        EmptyProto.getDescriptor(),
                        FieldMaskProto.getDescriptor(),
                        StructProto.getDescriptor(),
                        TimestampProto.getDescriptor(),
                        WrappersProto.getDescriptor(),
                        telemetry
                    });
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FileDescriptorProto file(String name) {
        try (var in = Kinds.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return TextFormat.parse(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8),
                    FileDescriptorProto.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
