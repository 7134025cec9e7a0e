package dev.wirebrook.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.schema.ScannedBatch.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says with protobuf-java's own parsers what {@link BatchWalker} should say. The frame is parsed as
 * a look-alike of the batch whose events are opaque bytes, and each event by itself.
 */
final class ProtobufOracle {
    /** What should be found; in an unreadable event nothing but the verdict counts. */
    record JudgedEvent(
            ByteString bytes,
            Verdict verdict,
            boolean readable,
            String id,
            int typeOrdinal,
            long eventTimeMicros) {}

    record JudgedBatch(Message header, String clientId, List<JudgedEvent> events) {}

    private final EventCatalog catalog;
    private final Descriptor frame;
    private final JsonFormat.Printer printer;

    ProtobufOracle(EventCatalog catalog) {
        this.catalog = catalog;
        this.frame = frame(catalog);
        this.printer =
                JsonFormat.printer()
                        .usingTypeRegistry(
                                JsonFormat.TypeRegistry.newBuilder()
                                        .add(catalog.batchMessage())
                                        .build());
    }

    /** Empty when the frame is malformed. */
    Optional<JudgedBatch> judge(byte[] batch) {
        DynamicMessage parsed;
        try {
            parsed = parse(frame, batch, WireReader.DEPTH_MAX);
        } catch (IOException e) {
            return Optional.empty();
        }
        FieldDescriptor headerField = frame.findFieldByNumber(catalog.header().getNumber());
        FieldDescriptor eventsField = frame.findFieldByNumber(catalog.events().getNumber());
        Message header = (Message) parsed.getField(headerField);
        List<JudgedEvent> events = new ArrayList<>();
        for (Object event : (List<?>) parsed.getField(eventsField)) {
            events.add(judgeEvent((ByteString) event));
        }
        String clientId =
                catalog.clientId().map(field -> (String) header.getField(field)).orElse("");
        return Optional.of(new JudgedBatch(header, clientId, events));
    }

    /** Whether protobuf-java takes the batch as a whole. */
    boolean accepts(byte[] batch) {
        try {
            return parse(catalog.batchMessage(), batch, WireReader.DEPTH_MAX).isInitialized();
        } catch (IOException e) {
            return false;
        }
    }

    private static DynamicMessage parse(Descriptor type, byte[] bytes, int depthMax)
            throws IOException {
        CodedInputStream input = CodedInputStream.newInstance(bytes);
        input.setRecursionLimit(depthMax);
        DynamicMessage message = DynamicMessage.parseFrom(type, input);
        input.checkLastTagWas(0);
        return message;
    }

    private JudgedEvent judgeEvent(ByteString bytes) {
        DynamicMessage event;
        try {
            // The batch around it is one level.
            event =
                    parse(
                            catalog.events().getMessageType(),
                            bytes.toByteArray(),
                            WireReader.DEPTH_MAX - 1);
        } catch (IOException e) {
            return new JudgedEvent(bytes, Verdict.REJECTED, false, "", -1, ScannedBatch.NO_TIME);
        }
        String timestamp = (String) event.getField(catalog.timestamp());
        long micros =
                timestamp.isEmpty() ? ScannedBatch.NO_TIME : ReferenceTime.parseMicros(timestamp);
        String id = (String) event.getField(catalog.eventId());
        boolean idFits = id.getBytes(StandardCharsets.UTF_8).length <= BatchWalker.ID_BYTES_MAX;
        FieldDescriptor variant = event.getOneofFieldDescriptor(catalog.oneof());
        int ordinal =
                variant == null
                        ? ScannedBatch.NO_TYPE
                        : catalog.typeNumbered(variant.getNumber()).orElseThrow().ordinal();
        boolean typed = variant != null || !event.getUnknownFields().asMap().isEmpty();
        boolean timed = timestamp.isEmpty() || micros != EventTime.INVALID;
        Verdict verdict =
                !timed || !idFits || !typed || !hasJson(event)
                        ? Verdict.REJECTED
                        : variant == null ? Verdict.QUARANTINED : Verdict.VALID;
        return new JudgedEvent(bytes, verdict, true, idFits ? id : "", ordinal, micros);
    }

    /** Whether protobuf's JSON mapping, the only form that tables have for some types, takes it. */
    private boolean hasJson(Message event) {
        try {
            printer.print(event);
            return true;
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Descriptor frame(EventCatalog catalog) {
        Descriptor batch = catalog.batchMessage();
        DescriptorProto.Builder lookAlike = batch.toProto().toBuilder().setName("Frame");
        for (FieldDescriptorProto.Builder field : lookAlike.getFieldBuilderList()) {
            if (field.getNumber() == catalog.events().getNumber()) {
                field.setType(FieldDescriptorProto.Type.TYPE_BYTES).clearTypeName();
            }
        }
        FileDescriptor file = batch.getFile();
        List<FileDescriptor> imports = new ArrayList<>(file.getDependencies());
        imports.add(file);
        FileDescriptorProto.Builder frameFile =
                FileDescriptorProto.newBuilder()
                        .setName("frame.proto")
                        .setPackage("frame")
                        .setSyntax("proto3")
                        .addMessageType(lookAlike);
        imports.forEach(imported -> frameFile.addDependency(imported.getName()));
        try {
            return FileDescriptor.buildFrom(
                            frameFile.build(), imports.toArray(FileDescriptor[]::new))
                    .findMessageTypeByName("Frame");
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }
}
