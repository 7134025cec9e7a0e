package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.api.market.v1.Snapshot;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SnapshotFieldsTest {
    private static final int TIME = 1 << Snapshot.EXCHANGE_TIME_FIELD_NUMBER;

    /** All but what the server says itself. */
    static Stream<FieldDescriptor> fields() {
        return Snapshot.getDescriptor().getFields().stream()
                .filter(field -> !List.of("sequence", "stale").contains(field.getName()));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void each_field_that_a_publisher_sets_is_seen(FieldDescriptor field) {
        Snapshot.Builder update = Snapshot.newBuilder();
        Object value =
                switch (field.getJavaType()) {
                    case INT -> 1;
                    case DOUBLE -> field.hasPresence() ? 0.0 : 1.0;
                    case STRING -> "x";
                    case MESSAGE -> update.newBuilderForField(field).build();
                    case LONG, FLOAT, BOOLEAN, BYTE_STRING, ENUM ->
                            throw new AssertionError("no value for " + field);
                };
        update.setField(field, value);
        assertThat(SnapshotFields.in(update.build())).isEqualTo(1 << field.getNumber() | TIME);
    }

    @ParameterizedTest
    @MethodSource("fields")
    void a_field_that_is_not_set_is_not_seen(FieldDescriptor field) {
        assertThat(
                        SnapshotFields.has(
                                SnapshotFields.in(Snapshot.getDefaultInstance()),
                                field.getNumber()))
                .isEqualTo(field.getNumber() == Snapshot.EXCHANGE_TIME_FIELD_NUMBER);
    }
}
