package dev.wirebrook.events.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.wirebrook.failure.Failure;
import org.junit.jupiter.api.Test;

class TailLimitTest {
    private final TailLimit limit = new TailLimit(3, 2);

    @Test
    void refuses_tails_of_a_client_and_of_the_node_beyond_their_bounds() {
        assertThat(limit.enter("a")).isEmpty();
        assertThat(limit.enter("a")).isEmpty();
        assertThat(limit.enter("a"))
                .get(type(Failure.Overloaded.class))
                .satisfies(refusal ->
                        assertThat(refusal.message()).contains("events.tails-per-client-max"));
        assertThat(limit.enter("b")).isEmpty();
        assertThat(limit.enter("c"))
                .get(type(Failure.Overloaded.class))
                .satisfies(refusal -> assertThat(refusal.message()).contains("events.tails-max"));
        assertThat(limit.open()).isEqualTo(3);
        assertThat(limit.refused()).isEqualTo(2);
        limit.leave("a");
        assertThat(limit.enter("c")).isEmpty();
    }
}
