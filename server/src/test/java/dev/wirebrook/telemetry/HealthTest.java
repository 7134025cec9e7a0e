package dev.wirebrook.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.telemetry.Health.Condition;
import dev.wirebrook.telemetry.Health.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Health health = new Health(() -> now);

    @Test
    void is_ready_when_started_and_every_component_is() {
        Health.Component log = health.component("log");
        Health.Component store = health.component("store");
        assertThat(health.snapshot().ready()).isFalse();
        health.started();
        log.ready();
        assertThat(health.snapshot().ready()).isFalse();
        store.ready();
        assertThat(health.snapshot().ready()).isTrue();
        store.notReady("no connection");
        assertThat(health.snapshot().ready()).isFalse();
    }

    @Test
    void is_live_until_a_component_is_broken() {
        Health.Component log = health.component("log");
        assertThat(health.snapshot().live()).isTrue();
        log.notReady("disk is full");
        assertThat(health.snapshot().live()).isTrue();
        log.broken("fsync failed");
        assertThat(health.snapshot().live()).isFalse();
    }

    @Test
    void remembers_since_when_a_condition_holds() {
        Health.Component log = health.component("log");
        Instant start = now;
        now = now.plusSeconds(5);
        log.notReady("another reason");
        assertThat(health.snapshot().components())
                .containsExactly(
                        new Health.ComponentStatus(
                                "log", true, Condition.NOT_READY, "another reason", start));
        log.ready();
        assertThat(health.snapshot().components())
                .containsExactly(new Health.ComponentStatus("log", true, Condition.READY, "", now));
    }

    @Test
    void serves_a_service_while_what_it_needs_is_ready() {
        Health.Component log = health.component("log");
        health.component("other");
        health.service("events", log);
        health.started();
        assertThat(health.serves("events")).contains(false);
        log.ready();
        assertThat(health.serves("events")).contains(true);
        assertThat(health.serves("")).contains(false);
        assertThat(health.serves("nobody")).isEmpty();
        health.rest();
        assertThat(health.serves("events")).contains(false);
    }

    @Test
    void goes_on_without_what_only_some_services_need() {
        Health.Component log = health.component("log");
        Health.Component shared = health.partialComponent("shared");
        health.service("events", log);
        health.service("market", log, shared);
        health.started();
        log.ready();
        assertThat(health.snapshot().ready()).isTrue();
        assertThat(health.serves("")).contains(true);
        assertThat(health.serves("events")).contains(true);
        assertThat(health.serves("market")).contains(false);
        shared.ready();
        assertThat(health.serves("market")).contains(true);
    }

    @Test
    void goes_out_of_rotation_and_back() {
        health.started();
        assertThat(health.rest()).isTrue();
        assertThat(health.state()).isEqualTo(State.RESTING);
        assertThat(health.resume()).isTrue();
        assertThat(health.state()).isEqualTo(State.SERVING);
    }

    @Test
    void cannot_rest_while_it_starts() {
        assertThat(health.rest()).isFalse();
        assertThat(health.resume()).isFalse();
        health.started();
        assertThat(health.state()).isEqualTo(State.SERVING);
    }

    @Test
    void cannot_come_back_once_it_drains() {
        health.started();
        health.drain();
        assertThat(health.resume()).isFalse();
        assertThat(health.rest()).isTrue();
        assertThat(health.state()).isEqualTo(State.DRAINING);
        health.stop();
        health.drain();
        health.started();
        assertThat(health.state()).isEqualTo(State.STOPPING);
    }

    @Test
    void tells_listeners_of_changes_and_of_nothing_else() {
        List<State> seen = new ArrayList<>();
        Health.Component log = health.component("log");
        Health.Listening listening = health.listen(() -> seen.add(health.state()));
        health.started();
        log.ready();
        log.ready();
        health.drain();
        health.drain();
        health.started();
        listening.close();
        health.stop();
        assertThat(seen).containsExactly(State.SERVING, State.SERVING, State.DRAINING);
    }

    @Test
    void has_each_component_once() {
        health.component("log");
        assertThatThrownBy(() -> health.component("log")).hasMessageContaining("log");
    }
}
