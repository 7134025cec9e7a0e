package dev.wirebrook.events.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PayloadChunksTest {
    private static final int MIB = 1 << 20;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Copy(byte[] expected, byte[] array, int start) {}

    @Test
    void a_reader_of_little_has_little_memory() {
        PayloadChunks chunks = new PayloadChunks(MIB);
        for (int i = 0; i < 1_000; i++) {
            chunks.copy(ByteBuffer.wrap(new byte[300]));
            assertThat(chunks.array().length).isLessThanOrEqualTo(16 << 10);
            chunks.recycle();
        }
    }

    @Test
    void no_payload_is_written_over_before_it_is_recycled() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        PayloadChunks chunks = new PayloadChunks(MIB);
        for (int batch = 0; batch < 20; batch++) {
            List<Copy> copies = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                // From nothing to more than a chunk, and most of them small.
                byte[] payload = new byte[random.nextInt(1 << random.nextInt(1, 22))];
                random.nextBytes(payload);
                chunks.copy(ByteBuffer.wrap(payload));
                copies.add(new Copy(payload, chunks.array(), chunks.start()));
            }
            for (Copy copy : copies) {
                assertThat(copy.array().length).as("seed %d", seed).isLessThanOrEqualTo(2 * MIB);
                assertThat(
                                Arrays.equals(
                                        copy.array(),
                                        copy.start(),
                                        copy.start() + copy.expected().length,
                                        copy.expected(),
                                        0,
                                        copy.expected().length))
                        .as("seed %d", seed)
                        .isTrue();
            }
            chunks.recycle();
        }
    }
}
