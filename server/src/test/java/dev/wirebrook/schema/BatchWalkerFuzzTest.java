package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import dev.wirebrook.api.event.Events;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Holds the walker against protobuf-java on random batches, sound and damaged. Turn it up with
 * {@code -Dwirebrook.fuzz.batches=10000000}, repeat a failure with the seed it prints: {@code
 * -Dwirebrook.fuzz.seed=...}.
 */
class BatchWalkerFuzzTest {
    private static final int BATCHES = Integer.getInteger("wirebrook.fuzz.batches", 5_000);
    private static final long SEED = Long.getLong("wirebrook.fuzz.seed", System.nanoTime());

    @Test
    void agrees_with_protobuf_on_sound_batches_of_the_standard_catalogue() {
        fuzz(EventCatalog.standard(), 0, true);
    }

    @Test
    void agrees_with_protobuf_on_damaged_batches_of_the_standard_catalogue() {
        fuzz(EventCatalog.standard(), 0.1, true);
    }

    @Test
    void agrees_with_protobuf_on_sound_batches_of_a_foreign_catalogue() {
        fuzz(ForeignSchema.catalog(), 0, false);
    }

    @Test
    void agrees_with_protobuf_on_damaged_batches_of_a_foreign_catalogue() {
        fuzz(ForeignSchema.catalog(), 0.1, false);
    }

    @Test
    void agrees_with_protobuf_on_noise() {
        EventCatalog catalog = EventCatalog.standard();
        RandomWire wire = new RandomWire(new Random(SEED), catalog, 0);
        fuzz(new Agreement(catalog), wire::noise, true);
    }

    private static void fuzz(EventCatalog catalog, double damage, boolean hasClasses) {
        RandomWire wire = new RandomWire(new Random(SEED), catalog, damage);
        Agreement agreement = new Agreement(catalog);
        fuzz(agreement, wire::batch, hasClasses);
        agreement.assertSawEverything(damage > 0);
    }

    private static void fuzz(Agreement agreement, Supplier<byte[]> batches, boolean hasClasses) {
        for (int i = 0; i < BATCHES; i++) {
            byte[] batch = batches.get();
            Optional<Boolean> sound = check(agreement, batch, i);
            if (hasClasses && sound.isPresent()) {
                assertThat(generatedAccepts(batch))
                        .as("generated class and descriptors, seed %d: %s", SEED, hex(batch))
                        .isEqualTo(sound.get());
            }
        }
    }

    private static Optional<Boolean> check(Agreement agreement, byte[] batch, int round) {
        try {
            return agreement.check(batch);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed %d, batch %d: %s".formatted(SEED, round, hex(batch)), e);
        }
    }

    private static boolean generatedAccepts(byte[] batch) {
        try {
            CodedInputStream input = CodedInputStream.newInstance(batch);
            input.setRecursionLimit(WireReader.DEPTH_MAX);
            Events events = Events.parseFrom(input);
            input.checkLastTagWas(0);
            return events.isInitialized();
        } catch (IOException e) {
            return false;
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
