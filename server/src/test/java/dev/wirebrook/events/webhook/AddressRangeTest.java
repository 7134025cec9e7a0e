package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, true",
        "192.0.2.0/24, 192.0.3.0, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "::ffff:192.0.2.0/24, 192.0.2.1, true"
    })
    void holds_the_addresses_that_begin_alike(String range, String address, boolean held) {
        assertThat(AddressRange.parse(range).contains(InetAddress.ofLiteral(address)))
                .isEqualTo(held);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com",
                "192.0.2",
                "192.0.2.0/33",
                "192.0.2.0/-1",
                "192.0.2.0/",
                "192.0.2.0/x",
                "/24",
                "::/129",
                "192.0.2.0/24/1"
            })
    void says_how_a_range_is_written(String text) {
        assertThatThrownBy(() -> AddressRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.0.2.0/24");
    }

    @Test
    void branch_is_held_to_its_addresses_and_to_its_path() {
        List<AddressRange> allowed = List.of(AddressRange.parse("192.0.2.0/24"));
        WebhookSource byAddress = new BranchWebhook(Optional.empty(), allowed);
        assertThat(refused(byAddress, "/webhooks/branch", "192.0.2.9")).isFalse();
        assertThat(refused(byAddress, "/webhooks/branch", "198.51.100.9")).isTrue();
        assertThat(refused(byAddress, "/webhooks/branch/x", "192.0.2.9")).isTrue();
        WebhookSource byBoth = new BranchWebhook(Optional.of("p"), allowed);
        assertThat(refused(byBoth, "/webhooks/branch/p", "192.0.2.9")).isFalse();
        assertThat(refused(byBoth, "/webhooks/branch", "192.0.2.9")).isTrue();
        assertThat(refused(byBoth, "/webhooks/branch/p", "198.51.100.9")).isTrue();
        assertThatThrownBy(() -> new BranchWebhook(Optional.empty(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean refused(WebhookSource source, String path, String peer) {
        return source.verifier()
                .refusal(new WebhookRequest(path, null, Map.of(), InetAddress.ofLiteral(peer)))
                .isPresent();
    }
}
