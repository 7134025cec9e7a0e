package dev.wirebrook.schema;

import static dev.wirebrook.schema.Wire.wire;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.schema.ScannedBatch.Verdict;
import org.junit.jupiter.api.Test;

/** Events of a user's own descriptor set, whose types no Java code knows. */
class ForeignSchemaTest {
    private final EventCatalog catalog = ForeignSchema.catalog();
    private final BatchWalker walker = new BatchWalker(catalog, 100);
    private final ScannedBatch scanned = new ScannedBatch();

    private ScanResult scan(byte[] batch) {
        return walker.scan(batch, 0, batch.length, scanned);
    }

    @Test
    void walks_events_made_from_descriptors() {
        Descriptor event = catalog.events().getMessageType();
        EventType treeGrown = catalog.typeNamed("TreeGrown").orElseThrow();
        Message leaf = node("leaf").build();
        Message tree =
                DynamicMessage.newBuilder(treeGrown.field().getMessageType())
                        .setField(field(treeGrown, "root"), node("root").build())
                        .addRepeatedField(field(treeGrown, "byName"), entry("oak", leaf))
                        .build();
        byte[] batch =
                DynamicMessage.newBuilder(catalog.batchMessage())
                        .addRepeatedField(
                                catalog.events(),
                                DynamicMessage.newBuilder(event)
                                        .setField(catalog.eventId(), "t-1")
                                        .setField(catalog.timestamp(), "1000")
                                        .setField(treeGrown.field(), tree)
                                        .build())
                        .build()
                        .toByteArray();

        assertThat(scan(batch)).isInstanceOf(ScanResult.Scanned.class);

        assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
        assertThat(scanned.typeOrdinal(0)).isEqualTo(treeGrown.ordinal());
        assertThat(scanned.eventTimeMicros(0)).isEqualTo(1_000_000);
    }

    @Test
    void quarantines_what_only_the_standard_catalogue_knows() {
        scan(wire().message(5, wire().message(23, wire().text(1, "sku"))).toBytes());
        assertThat(scanned.verdict(0)).isEqualTo(Verdict.QUARANTINED);
    }

    @Test
    void finds_faults_in_groups_and_behind_the_highest_field_numbers() {
        Wire span = wire().varintField(1, 1).raw(0x20, 0xFF);
        scan(wire().message(5, wire().message(9, reading(wire().group(5, span)))).toBytes());
        assertThat(scanned.violations(0))
                .extracting(Violation::field)
                .containsExactly("events[0].readingTaken.reading.marks[0]");

        Wire alarm = wire().tag(536_870_911, Wire.VARINT).raw(0xFF);
        scan(wire().message(5, wire().message(9, reading(alarm))).toBytes());
        assertThat(scanned.violations(0))
                .extracting(Violation::field)
                .containsExactly("events[0].readingTaken.reading.alarm");
    }

    @Test
    void takes_the_highest_field_numbers_for_what_they_are() {
        Wire packed =
                wire().bytes(300, new byte[12]).tag(268_435_456, Wire.FIXED32).raw(1, 2, 3, 4);
        scan(wire().message(5, wire().message(9, reading(packed))).toBytes());
        assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);

        Wire cutOff = wire().bytes(300, new byte[13]);
        scan(wire().message(5, wire().message(9, reading(cutOff))).toBytes());
        assertThat(scanned.verdict(0)).isEqualTo(Verdict.REJECTED);
    }

    @Test
    void gives_no_role_to_ids_times_and_types_inside_an_event() {
        Wire inner = wire().text(4, "inner").text(5, "no time").message(9, wire());
        Wire quoted = wire().message(1, inner).message(2, wire().text(10, "inner"));
        scan(
                wire().message(4, wire().text(10, "outer"))
                        .message(7, wire().text(10, "backup"))
                        .message(5, wire().text(4, "outer").message(20, quoted))
                        .toBytes());
        assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
        assertThat(scanned.idEnd(0) - scanned.idStart(0)).isEqualTo("outer".length());
        assertThat(scanned.bytes()[scanned.idStart(0)]).isEqualTo((byte) 'o');
        assertThat(scanned.header()[scanned.clientIdStart()]).isEqualTo((byte) 'o');
        assertThat(scanned.typeOrdinal(0)).isEqualTo(1);
    }

    @Test
    void wants_text_to_be_utf_8_under_proto2_too() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        set.getFileBuilder(0)
                .getMessageTypeBuilder(0)
                .addFieldBuilder()
                .setName("remark")
                .setNumber(7)
                .setType(FieldDescriptorProto.Type.TYPE_STRING);
        EventCatalog withRemark = EventCatalog.parse(set.build().toByteArray());
        Wire reading = reading(wire().raw(0x3A, 1, 0xFF));
        byte[] batch = wire().message(5, wire().message(9, reading)).toBytes();

        new BatchWalker(withRemark, 1).scan(batch, 0, batch.length, scanned);

        assertThat(scanned.violations(0))
                .extracting(Violation::field)
                .containsExactly("events[0].readingTaken.reading.remark");
    }

    @Test
    void checks_the_batch_s_own_further_fields() {
        ScanResult result = scan(wire().message(6, wire().raw(0x0A, 1, 0xFF)).toBytes());
        assertThat(result).isInstanceOf(ScanResult.Malformed.class);
        assertThat(((ScanResult.Malformed) result).field()).isEqualTo("labels[0].key");
    }

    private static Wire reading(Wire fields) {
        return wire().message(1, fields);
    }

    private static FieldDescriptor field(EventType type, String name) {
        return type.field().getMessageType().findFieldByName(name);
    }

    private DynamicMessage.Builder node(String name) {
        Descriptor node = catalog.batchMessage().getFile().findMessageTypeByName("Node");
        return DynamicMessage.newBuilder(node).setField(node.findFieldByName("name"), name);
    }

    private Message entry(String key, Message value) {
        Descriptor entry =
                field(catalog.typeNamed("TreeGrown").orElseThrow(), "byName").getMessageType();
        return DynamicMessage.newBuilder(entry)
                .setField(entry.findFieldByName("key"), key)
                .setField(entry.findFieldByName("value"), value)
                .build();
    }
}
