package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.SYMBOLS_MAX;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.TestAuthority;
import dev.wirebrook.failure.FailureException;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that wants to know who comes, and lets him do what docs/market.md says. */
@Timeout(120)
class RedisAccessIT {
    @TempDir private Path folder;

    private RealEngine redis;
    private RedisData data;

    @BeforeEach
    void start() throws Exception {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
        String line =
                Files.readAllLines(Path.of("../docs/market.md")).stream()
                        .map(String::strip)
                        .filter(text -> text.startsWith("ACL SETUSER "))
                        .findFirst()
                        .orElseThrow();
        String[] words = line.substring("ACL SETUSER ".length()).split(" ");
        AclWord acl = new AclWord();
        data.command(commands -> {
            var arguments = new CommandArgs<>(ByteArrayCodec.INSTANCE).add("SETUSER");
            for (String word : words) {
                arguments.add(word);
            }
            return commands.dispatch(acl, new StatusOutput<>(ByteArrayCodec.INSTANCE), arguments);
        });
    }

    @AfterEach
    void stop() {
        data.close();
        redis.close();
    }

    private static final class AclWord implements ProtocolKeyword {
        @Override
        public byte[] getBytes() {
            return toString().getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return "ACL";
        }
    }

    private RedisNode node(String user, String password) {
        return node(redis.url(), user, password, Optional.empty());
    }

    private static RedisNode node(
            String url, String user, String password, Optional<Path> authorities) {
        return new RedisNode(
                RedisNode.settings(url, 500)
                        .as(user, password)
                        .trusting(authorities)
                        .publishTimeout(Duration.ofSeconds(5))
                        .build(),
                SYMBOLS_MAX,
                InstantSource.system());
    }

    /** The address at which it speaks TLS from now on, with a certificate of an authority. */
    private String speakTls(TestAuthority authority, String alternativeNames) throws IOException {
        TestAuthority.Issued issued = authority.issue(alternativeNames);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        data.command(commands ->
                commands.configSet(
                        Map.of(
                                "tls-cert-file", issued.certificate().toString(),
                                "tls-key-file", issued.key().toString(),
                                "tls-auth-clients", "no",
                                "tls-port", Integer.toString(port))));
        return "rediss://127.0.0.1:" + port;
    }

    @Test
    void the_documented_rights_are_enough_over_a_new_epoch_and_a_gap() {
        try (RedisNode one = node("wirebrook", "secret").whenFresh();
                RedisNode other = node("wirebrook", "secret").whenFresh()) {
            assertThat(one.publish(RedisNode.symbol(0).setSymbol("A").setLtp(1).build()).accepted())
                    .isEqualTo(1);
            await().atMost(PATIENCE).until(() -> other.book.sequence() == 1);
            String epoch = data.epoch();
            data.command(commands -> commands.flushall());
            await().atMost(PATIENCE).until(() -> !one.book.epoch().equals(epoch));
            await().atMost(PATIENCE).until(() -> one.book.epoch().equals(other.book.epoch()));
            assertThat(one.publish(ltp(1, 2)).accepted()).isEqualTo(1);
            data.publishUnheard(1, ltp(1, 3));
            await().atMost(PATIENCE).until(() -> other.book.sequence() == 2);
            assertThat(other.book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(3);
        }
    }

    @Test
    void the_default_user_has_a_password_and_no_name() {
        data.command(commands -> commands.configSet("requirepass", "of all"));
        try (RedisNode node = node("", "of all").whenFresh()) {
            assertThat(node.publish(ltp(1, 2)).accepted()).isEqualTo(1);
        }
    }

    @Test
    void one_with_the_wrong_password_is_not_let_in() {
        try (RedisNode node = node("wirebrook", "wrong")) {
            assertThatThrownBy(() -> node.publish(ltp(1, 2)))
                    .isInstanceOf(FailureException.class)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wrong"));
            assertThat(node.market.isStale()).isTrue();
        }
    }

    @Test
    void a_redis_that_speaks_tls_is_known_by_the_authority_that_is_set() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "ours");
        String url = speakTls(authority, "ip:127.0.0.1");
        Optional<Path> file = Optional.of(authority.certificate());
        try (RedisNode one = node(url, "wirebrook", "secret", file).whenFresh();
                RedisNode other = node(url, "wirebrook", "secret", file).whenFresh()) {
            assertThat(one.publish(ltp(1, 2)).accepted()).isEqualTo(1);
            await().atMost(PATIENCE).until(() -> other.book.sequence() == 1);
        }
    }

    @Test
    void a_redis_that_another_authority_has_signed_or_for_another_host_gets_no_password()
            throws Exception {
        TestAuthority authority = new TestAuthority(folder, "ours");
        String elsewhere = speakTls(authority, "dns:redis.example");
        TestAuthority other = new TestAuthority(folder, "theirs");
        assertNotLetIn(elsewhere, Optional.of(authority.certificate()));
        String url = speakTls(other, "ip:127.0.0.1");
        assertNotLetIn(url, Optional.of(authority.certificate()));
        assertNotLetIn(url, Optional.empty());
    }

    private static void assertNotLetIn(String url, Optional<Path> authorities) {
        try (RedisNode node = node(url, "wirebrook", "secret", authorities)) {
            // For longer than it takes to connect.
            await().during(Duration.ofSeconds(2)).until(node.market::isStale);
            assertThatThrownBy(() -> node.publish(ltp(1, 2))).isInstanceOf(FailureException.class);
        }
    }
}
