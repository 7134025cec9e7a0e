package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WellKnownValueTest {
    private static boolean isPlain(Message message) {
        byte[] bytes = message.toByteArray();
        byte[] framed = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, framed, 2, bytes.length);
        return WellKnownValue.of(message.getDescriptorForType())
                .isPlain(framed, 2, 2 + bytes.length);
    }

    private static boolean hasJson(MessageOrBuilder message) {
        try {
            return !JsonFormat.printer().print(message).isEmpty();
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                -62_135_596_801L,
                -62_135_596_800L,
                -1,
                0,
                253_402_300_799L,
                253_402_300_800L,
                946_684_800_000_000L,
                Long.MIN_VALUE,
                Long.MAX_VALUE
            })
    void a_timestamp_is_plain_exactly_when_json_has_a_form_for_it(long seconds) {
        for (int nanos : new int[] {Integer.MIN_VALUE, -1, 0, 999_999_999, 1_000_000_000}) {
            Timestamp time = Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
            assertThat(isPlain(time)).as("%s", time).isEqualTo(hasJson(time));
        }
    }

    @Test
    void what_is_plain_has_a_form_in_json() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            long seconds = random.nextLong() >> random.nextInt(64);
            int nanos = random.nextInt() >> random.nextInt(32);
            double number =
                    Double.longBitsToDouble(random.nextLong() | (i % 3 == 0 ? 0x7FFL << 52 : 0));
            for (Message message :
                    new Message[] {
                        Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build(),
                        Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build(),
                        Value.newBuilder().setNumberValue(number).build()
                    }) {
                if (isPlain(message)) {
                    assertThat(hasJson(message)).as("seed %d: %s", seed, message).isTrue();
                }
            }
        }
    }

    @Test
    void usual_values_are_plain() {
        assertThat(isPlain(Timestamp.newBuilder().setSeconds(1_800_000_000).build())).isTrue();
        assertThat(isPlain(Duration.newBuilder().setSeconds(5).setNanos(7).build())).isTrue();
        assertThat(isPlain(Value.newBuilder().setNumberValue(1.5).build())).isTrue();
        assertThat(isPlain(Value.newBuilder().setStringValue("text").build())).isTrue();
        assertThat(isPlain(Value.newBuilder().setBoolValue(true).build())).isTrue();
        Value nested = Value.newBuilder().setNumberValue(2).build();
        assertThat(
                        isPlain(
                                Value.newBuilder()
                                        .setStructValue(Struct.newBuilder().putFields("a", nested))
                                        .build()))
                .isTrue();
        assertThat(isPlain(Struct.getDefaultInstance())).isTrue();
    }

    @Test
    void what_only_a_parser_can_tell_is_never_plain() {
        assertThat(isPlain(Any.getDefaultInstance())).isFalse();
        assertThat(isPlain(FieldMask.getDefaultInstance())).isFalse();
        assertThat(isPlain(Value.newBuilder().setNumberValue(Double.NaN).build())).isFalse();
        assertThat(isPlain(Value.newBuilder().setNumberValue(Double.NEGATIVE_INFINITY).build()))
                .isFalse();
    }
}
