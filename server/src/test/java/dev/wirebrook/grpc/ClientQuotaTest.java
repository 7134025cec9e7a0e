package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.flow.RateLimit;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClientQuotaTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(5);
    private final List<ClientQuota.Resource> refused = new ArrayList<>();
    private final ClientQuota quota =
            new ClientQuota(new ClientLimits(0, 1_000, 0, 0), now::get, refused::add);

    @Test
    void charges_events_before_they_are_stored_and_never_gives_more_than_the_rate() {
        long stored = 0;
        for (int tenths = 0; tenths < 100; tenths++) {
            for (int stream = 0; stream < 50; stream++) {
                if (quota.tryTakeEvents(100) == 0) {
                    stored += 100;
                }
            }
            now.addAndGet(SECOND / 10);
        }
        assertThat(stored).isBetween(9_900L, 11_100L);
    }

    @Test
    void a_debt_of_events_delays_no_other_call() {
        assertThat(quota.tryTakeEvents(10_000)).isZero();
        assertThat(quota.start(true, now.get())).isEmpty();
        assertThat(quota.delayNanos(now.get())).isZero();
        assertThat(quota.refuseEvents(1)).isPresent();
        assertThat(refused).containsExactly(ClientQuota.Resource.EVENTS);
    }

    @Test
    void a_debt_is_paid_in_half_a_minute_at_most() {
        assertThat(quota.tryTakeEvents(300_000)).isZero();
        assertThat(quota.tryTakeEvents(1)).isEqualTo(RateLimit.DEBT_MAX.toNanos());
        now.addAndGet(RateLimit.DEBT_MAX.toNanos());
        assertThat(quota.tryTakeEvents(1)).isZero();
    }
}
