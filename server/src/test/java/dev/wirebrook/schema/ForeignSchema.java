package dev.wirebrook.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A descriptor set that no generated class knows, as a user of {@code --schema} brings one. */
final class ForeignSchema {
    private ForeignSchema() {}

    static EventCatalog catalog() {
        return EventCatalog.parse(set().build().toByteArray());
    }

    static FileDescriptorSet.Builder set() {
        return FileDescriptorSet.newBuilder()
                .addFile(file("telemetry.txtpb"))
                .addFile(file("event.txtpb"));
    }

    private static FileDescriptorProto file(String name) {
        try (var in = ForeignSchema.class.getResourceAsStream(name)) {
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
