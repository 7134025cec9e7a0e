package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdempotencyWindowTest {
    private static final long SECOND = 1_000_000;

    private final IdempotencyWindow window = new IdempotencyWindow(8_000, Duration.ofSeconds(80));

    @Test
    void knows_an_id_again() {
        assertThat(window.add(1, 2, 0, 0)).isTrue();
        assertThat(window.add(1, 2, 100, 1)).isFalse();
        assertThat(window.add(1, 3, 100, 1)).isTrue();
        assertThat(window.add(2, 2, 100, 1)).isTrue();
    }

    @Test
    void agrees_with_a_plain_set_until_it_is_full() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 7_000; i++) {
            long low = random.nextInt(5_000);
            assertThat(window.add(low, low * 31 + 7, i, i))
                    .as("seed %d, id %d", seed, low)
                    .isEqualTo(seen.add(low));
        }
        assertThat(window.ids()).isEqualTo(seen.size());
    }

    @Test
    void forgets_the_oldest_beyond_its_number_of_ids() {
        for (int i = 0; i < 20_000; i++) {
            window.add(i, i + 1L, i, 0);
        }
        assertThat(window.ids()).isBetween(7_000L, 8_000L);
        assertThat(window.contains(19_999, 20_000)).isTrue();
        assertThat(window.contains(13_000, 13_001)).isTrue();
        assertThat(window.contains(0, 1)).isFalse();
        assertThat(window.oldestPosition(0)).isBetween(12_000L, 13_000L);
    }

    @Test
    void forgets_what_is_older_than_the_window() {
        window.add(1, 1, 10, 0);
        window.add(2, 2, 20, 45 * SECOND);
        window.expire(80 * SECOND);
        assertThat(window.contains(1, 1)).isTrue();
        window.expire(91 * SECOND);
        assertThat(window.contains(1, 1)).isFalse();
        assertThat(window.contains(2, 2)).isTrue();
        assertThat(window.oldestPosition(99)).isEqualTo(20);
        window.expire(1_000 * SECOND);
        assertThat(window.ids()).isZero();
        assertThat(window.oldestPosition(99)).isEqualTo(99);
    }

    @Test
    void takes_a_removed_id_anew_and_finds_those_that_stand_behind_it() {
        // Three that share a slot: a removal must not cut the chain.
        window.add(5, 1, 0, 0);
        window.add(5, 2, 0, 0);
        window.add(5, 3, 0, 0);
        window.remove(5, 2);
        assertThat(window.contains(5, 2)).isFalse();
        assertThat(window.contains(5, 3)).isTrue();
        assertThat(window.add(5, 2, 0, 0)).isTrue();
        assertThat(window.ids()).isEqualTo(3);
    }

    @Test
    void costs_nothing_to_speak_of_while_empty_and_a_bounded_sum_when_full() {
        IdempotencyWindow large = new IdempotencyWindow(4_000_000, Duration.ofDays(1));
        assertThat(large.bytes()).isZero();
        for (long i = 0; i < 4_100_000; i++) {
            large.add(i * 0x9E3779B97F4A7C15L, i | 1, i, 0);
        }
        assertThat(large.ids()).isBetween(3_500_000L, 4_000_000L);
        assertThat(large.bytes() / large.ids()).isBetween(28L, 56L);
    }

    @Test
    void goes_round_without_growing_and_forgets_generation_after_generation() {
        Random random = new Random(7);
        long[] lows = new long[80_000];
        long[] highs = new long[lows.length];
        long full = 0;
        for (int i = 0; i < lows.length; i++) {
            lows[i] = random.nextLong();
            highs[i] = random.nextLong() | 1;
            assertThat(window.add(lows[i], highs[i], i, 0)).as("id %d is new", i).isTrue();
            assertThat(window.add(lows[i], highs[i], i, 0)).as("id %d is known", i).isFalse();
            if (i >= 7_000 && i % 500 == 0) {
                assertThat(window.contains(lows[i - 6_999], highs[i - 6_999]))
                        .as("the oldest that is promised, at %d", i)
                        .isTrue();
            }
            if (i >= 8_000 && i % 500 == 0) {
                assertThat(window.contains(lows[i - 8_000], highs[i - 8_000]))
                        .as("one too many, at %d", i)
                        .isFalse();
            }
            if (i == 9_000) {
                full = window.bytes();
            }
        }
        assertThat(window.bytes()).isEqualTo(full);
        for (int i = 0; i < lows.length - 8_000; i++) {
            assertThat(window.add(lows[i], highs[i], i, 0)).as("id %d is new again", i).isTrue();
        }
    }

    @Test
    void the_filter_names_every_generation_that_holds_an_id_and_few_others() {
        Random random = new Random(3);
        GenerationFilter filter = new GenerationFilter(1 << 14);
        long[] lows = new long[1 << 15];
        long[] highs = new long[lows.length];
        for (int i = 0; i < lows.length; i++) {
            lows[i] = random.nextLong();
            highs[i] = random.nextLong();
            filter.add(lows[i], highs[i], i & 7);
        }
        assertThat(filter.isTooSmallFor(lows.length)).isFalse();
        assertThat(filter.isTooSmallFor(lows.length + 1)).isTrue();
        filter.clear(5);
        for (int i = 0; i < lows.length; i++) {
            int candidates = filter.candidates(lows[i], highs[i]);
            assertThat(candidates & 1 << 5).isZero();
            if ((i & 7) != 5) {
                assertThat(candidates & 1 << (i & 7)).as("id %d", i).isNotZero();
            }
        }
        int strangers = 0;
        for (int i = 0; i < 100_000; i++) {
            strangers += Integer.bitCount(filter.candidates(random.nextLong(), random.nextLong()));
        }
        assertThat(strangers).isBetween(100, 10_000);
    }

    @Test
    void fingerprints_differ_by_client_by_id_and_by_where_one_ends() {
        Fingerprint fingerprint = new Fingerprint(Fingerprint.Key.random(new Random(1)));
        Set<String> seen = new HashSet<>();
        for (String client : new String[] {"", "a", "ab", "client-12345678", "client-1234567"}) {
            for (String id :
                    new String[] {
                        "", "a", "b", "ba", "0", "\0", "\0\0", "a".repeat(64), "a".repeat(65)
                    }) {
                byte[] clientBytes = client.getBytes(StandardCharsets.UTF_8);
                byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
                fingerprint.client(clientBytes, 0, clientBytes.length);
                fingerprint.event(idBytes, 0, idBytes.length);
                assertThat(fingerprint.high()).isNotZero();
                assertThat(seen.add(fingerprint.low() + "/" + fingerprint.high()))
                        .as("client %s id %s", client, id)
                        .isTrue();
            }
        }
    }

    @Test
    void fingerprints_of_many_close_ids_do_not_meet_in_either_half() {
        Fingerprint fingerprint = new Fingerprint(Fingerprint.Key.random(new Random(2)));
        fingerprint.client(new byte[0], 0, 0);
        Set<Long> lows = new HashSet<>();
        Set<Long> highs = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            byte[] id = ("event-" + i).getBytes(StandardCharsets.UTF_8);
            fingerprint.event(id, 0, id.length);
            lows.add(fingerprint.low());
            highs.add(fingerprint.high());
        }
        assertThat(lows).hasSize(200_000);
        assertThat(highs).hasSize(200_000);
    }
}
