package dev.wirebrook.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.auth.Verdict.Allowed;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VerdictCacheTest {
    private final VerdictCache cache = new VerdictCache(3);

    private static Digest token(int number) {
        return Digest.of(("t" + number).getBytes(StandardCharsets.US_ASCII));
    }

    private static Allowed until(long end) {
        return new Allowed(new Principal("a", "", Set.of()), end, 0);
    }

    @Test
    void gives_back_what_was_found() {
        cache.put(token(1), until(100));
        assertThat(cache.find(token(1), 99)).contains(until(100));
        assertThat(cache.find(token(2), 99)).isEmpty();
    }

    @Test
    void forgets_a_token_with_its_end() {
        cache.put(token(1), until(100));
        assertThat(cache.find(token(1), 100)).isEmpty();
        assertThat(cache.size()).isZero();
    }

    @Test
    void forgets_what_nobody_asked_for_the_longest() {
        for (int i = 1; i <= 3; i++) {
            cache.put(token(i), until(100));
        }
        assertThat(cache.find(token(1), 0)).isPresent();
        cache.put(token(4), until(100));
        assertThat(cache.size()).isEqualTo(3);
        assertThat(cache.find(token(1), 0)).isPresent();
        assertThat(cache.find(token(2), 0)).isEmpty();
    }
}
