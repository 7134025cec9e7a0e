package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterCount;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every dead-letter store keeps. */
public abstract class DeadLetterStoreContract {
    private static final Instant TIME = Instant.parse("2026-03-29T02:30:00.123456Z");
    private static final DeadLetterFilter ALL = DeadLetterFilter.ALL;

    private DeadLetterStore store;

    /** Opens the store over this test's storage, which is empty at first. */
    protected abstract DeadLetterStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private void reopen() {
        store.close();
        store = open();
    }

    protected static DeadLetter letterAt(long position) {
        return letter(position, 0);
    }

    private static DeadLetter letter(long position, int index) {
        return letter("warehouse", position, index, "AddToCartEvent", "c1", Stage.SINK, "no", TIME);
    }

    private static DeadLetter letter(
            String route,
            long position,
            int index,
            String type,
            String client,
            Stage stage,
            String reason,
            Instant parked) {
        return new DeadLetter(
                77,
                route,
                new Cursor(position, index),
                "id-" + position,
                type,
                client,
                stage,
                reason,
                3,
                TIME.minusSeconds(3),
                TIME.minusSeconds(2),
                parked,
                State.REPLAYED,
                TIME,
                new byte[] {1, 2},
                ("event " + position).getBytes(StandardCharsets.UTF_8));
    }

    private List<Long> ids(DeadLetterFilter filter) {
        return store.list(filter, 0, 1_000).stream().map(DeadLetter::letterId).toList();
    }

    private List<Long> positions(DeadLetterFilter filter) {
        List<Long> positions =
                store.list(filter, 0, 1_000).stream().map(l -> l.cursor().position()).toList();
        assertThat(store.count(filter)).isEqualTo(positions.size());
        return positions;
    }

    @Test
    void an_empty_store_is_empty() {
        assertThat(store.list(ALL, 0, 10)).isEmpty();
        assertThat(store.find(1)).isEmpty();
        assertThat(store.stats()).isEmpty();
        assertThat(store.count(ALL)).isZero();
        assertThat(store.purge(ALL)).isZero();
        assertThat(store.parkedSince(0)).isEmpty();
        store.markReplayed(List.of(1L), TIME);
        store.park(List.of());
    }

    @Test
    void a_parked_letter_reads_back_whole_also_after_reopening() {
        store.park(List.of(letter(5, 2)));
        reopen();
        DeadLetter listed = store.list(ALL, 0, 10).getFirst();
        assertThat(listed.event()).isEmpty();
        assertThat(listed.header()).isEmpty();
        DeadLetter found = store.find(listed.letterId()).orElseThrow();
        assertThat(found)
                .usingRecursiveComparison()
                .ignoringFields("letterId", "state", "replayTime")
                .isEqualTo(letter(5, 2));
        assertThat(found.state()).isEqualTo(State.PARKED);
        assertThat(found.replayTime()).isNull();
        assertThat(listed)
                .usingRecursiveComparison()
                .ignoringFields("header", "event")
                .isEqualTo(found);
    }

    @Test
    void parking_again_changes_nothing() {
        store.park(List.of(letter(5, 2), letter(5, 3)));
        List<Long> before = ids(ALL);
        store.markReplayed(before, TIME);
        store.park(List.of(letter(5, 2), letter(6, 0), letter(6, 0)));
        assertThat(ids(ALL)).startsWith(before.toArray(Long[]::new)).hasSize(3);
        assertThat(store.find(before.getFirst()).orElseThrow().state()).isEqualTo(State.REPLAYED);
    }

    @Test
    void the_same_place_on_another_route_is_another_letter() {
        store.park(List.of(letter(5, 2), letter("other", 5, 2, "T", "c", Stage.SINK, "no", TIME)));
        assertThat(store.count(ALL)).isEqualTo(2);
        assertThat(store.parkedSince(0)).containsExactly(new Cursor(5, 2));
    }

    @Test
    void lists_the_oldest_first_page_by_page() {
        List<DeadLetter> letters = new ArrayList<>();
        for (int i = 9; i >= 0; i--) {
            letters.add(letter(i, 0));
        }
        store.park(letters);
        List<DeadLetter> page = store.list(ALL, 0, 4);
        assertThat(page).extracting(l -> l.cursor().position()).containsExactly(9L, 8L, 7L, 6L);
        List<DeadLetter> next = store.list(ALL, page.getLast().letterId(), 100);
        assertThat(next)
                .extracting(l -> l.cursor().position())
                .containsExactly(5L, 4L, 3L, 2L, 1L, 0L);
    }

    @Test
    void every_filter_restricts_and_all_that_are_set_must_hold() {
        store.park(
                List.of(
                        letter("r1", 1, 0, "A", "c1", Stage.SINK, "disk's full", TIME),
                        letter("r1", 2, 0, "B \"x\"\\", "c2", Stage.SINK, "too long", TIME),
                        letter(
                                "r2",
                                3,
                                0,
                                "B \"x\"\\",
                                "c1",
                                Stage.QUARANTINE,
                                "unknown 100%",
                                TIME.plusSeconds(1))));
        List<Long> ids = ids(ALL);
        store.markReplayed(List.of(ids.get(1)), TIME);
        assertThat(positions(ALL)).containsExactly(1L, 2L, 3L);
        assertThat(positions(filter(List.of(ids.get(0), ids.get(2)), List.of(), "", "", null, "")))
                .containsExactly(1L, 3L);
        assertThat(positions(filter(List.of(), List.of("B \"x\"\\"), "", "", null, "")))
                .containsExactly(2L, 3L);
        assertThat(positions(filter(List.of(), List.of("A", "C"), "", "", null, "")))
                .containsExactly(1L);
        assertThat(positions(filter(List.of(), List.of(), "c1", "", null, "")))
                .containsExactly(1L, 3L);
        assertThat(positions(filter(List.of(), List.of(), "", "r1", null, "")))
                .containsExactly(1L, 2L);
        assertThat(positions(filter(List.of(), List.of(), "", "", Stage.QUARANTINE, "")))
                .containsExactly(3L);
        assertThat(positions(filter(List.of(), List.of(), "", "", null, "0%"))).containsExactly(3L);
        assertThat(positions(filter(List.of(), List.of(), "", "", null, "k's f")))
                .containsExactly(1L);
        assertThat(positions(between(TIME.plusSeconds(1), null))).containsExactly(3L);
        assertThat(positions(between(null, TIME.plusSeconds(1)))).containsExactly(1L, 2L);
        assertThat(positions(inState(State.REPLAYED))).containsExactly(2L);
        assertThat(positions(inState(State.PARKED))).containsExactly(1L, 3L);
        assertThat(positions(filter(List.of(), List.of("B \"x\"\\"), "c1", "r1", null, "")))
                .isEmpty();
    }

    private static DeadLetterFilter filter(
            List<Long> ids,
            List<String> types,
            String client,
            String route,
            @Nullable Stage stage,
            String reason) {
        return new DeadLetterFilter(ids, types, client, route, stage, reason, null, null, null);
    }

    private static DeadLetterFilter between(@Nullable Instant after, @Nullable Instant before) {
        return new DeadLetterFilter(List.of(), List.of(), "", "", null, "", after, before, null);
    }

    private static DeadLetterFilter inState(State state) {
        return new DeadLetterFilter(List.of(), List.of(), "", "", null, "", null, null, state);
    }

    @Test
    void a_replayed_letter_says_when() {
        store.park(List.of(letter(1, 0)));
        long id = ids(ALL).getFirst();
        store.markReplayed(List.of(id, id + 1), TIME.plusSeconds(9));
        DeadLetter letter = store.find(id).orElseThrow();
        assertThat(letter.state()).isEqualTo(State.REPLAYED);
        assertThat(letter.replayTime()).isEqualTo(TIME.plusSeconds(9));
    }

    @Test
    void stats_count_by_type_stage_reason_and_state() {
        store.park(
                List.of(
                        letter(1, 0),
                        letter(
                                "x",
                                2,
                                0,
                                "AddToCartEvent",
                                "c",
                                Stage.SINK,
                                "no",
                                TIME.plusSeconds(5)),
                        letter("x", 3, 0, "B", "c", Stage.QUARANTINE, "why", TIME)));
        assertThat(store.stats())
                .containsExactly(
                        new DeadLetterCount(
                                "AddToCartEvent",
                                Stage.SINK,
                                "no",
                                State.PARKED,
                                2,
                                TIME,
                                TIME.plusSeconds(5)),
                        new DeadLetterCount(
                                "B", Stage.QUARANTINE, "why", State.PARKED, 1, TIME, TIME));
    }

    @Test
    void purges_what_matches_and_remembers_that_it_was_parked() {
        List<DeadLetter> letters = new ArrayList<>();
        for (int i = 0; i < 5_001; i++) {
            letters.add(letter(i, i % 7));
        }
        store.park(letters);
        store.park(List.of(letter("x", 9_999, 0, "B", "c", Stage.SINK, "no", TIME)));
        DeadLetterFilter carts = filter(List.of(), List.of("AddToCartEvent"), "", "", null, "");
        assertThat(store.purge(carts)).isEqualTo(5_001);
        assertThat(positions(ALL)).containsExactly(9_999L);
        reopen();
        assertThat(store.parkedSince(4_999))
                .containsExactlyInAnyOrder(
                        new Cursor(4_999, 4_999 % 7),
                        new Cursor(5_000, 5_000 % 7),
                        new Cursor(9_999, 0));
        store.park(List.of(letter(4_999, 4_999 % 7)));
        assertThat(positions(ALL)).containsExactly(9_999L);
    }

    @Test
    void what_never_was_in_the_log_is_parked_once_and_has_no_place_in_it() {
        long outside = DeadLetterStore.OUTSIDE_LOG | 7;
        DeadLetter delivery =
                letter("webhook/x", outside, 0, "t", "c", Stage.TRANSFORM, "no json", TIME);
        store.park(List.of(delivery, letter(7, 0)));
        store.park(List.of(delivery));
        assertThat(positions(ALL)).containsExactly(outside, 7L);
        assertThat(store.find(ids(ALL).getFirst()).orElseThrow().stage())
                .isEqualTo(Stage.TRANSFORM);
        assertThat(store.parkedSince(0)).containsExactly(new Cursor(7, 0));
    }

    @Test
    void letter_ids_are_never_given_twice() {
        store.park(List.of(letter(1, 0)));
        long first = ids(ALL).getFirst();
        store.purge(ALL);
        reopen();
        store.park(List.of(letter(2, 0)));
        assertThat(ids(ALL).getFirst()).isGreaterThan(first);
    }

    @Test
    void counts_parked_letters_by_stage_whatever_happens_to_them() {
        assertThat(store.parkedByStage()).isEmpty();
        store.park(
                List.of(
                        letter(1, 0),
                        letter(2, 0),
                        letter("x", 3, 0, "B", "c", Stage.QUARANTINE, "why", TIME)));
        store.park(List.of(letter(1, 0)));
        assertThat(store.parkedByStage()).isEqualTo(Map.of(Stage.SINK, 2L, Stage.QUARANTINE, 1L));
        List<Long> ids = ids(ALL);
        store.markReplayed(List.of(ids.get(0)), TIME);
        store.markReplayed(List.of(ids.get(0)), TIME);
        reopen();
        assertThat(store.parkedByStage()).isEqualTo(Map.of(Stage.SINK, 1L, Stage.QUARANTINE, 1L));
        store.purge(filter(List.of(ids.get(1)), List.of(), "", "", null, ""));
        assertThat(store.parkedByStage()).isEqualTo(Map.of(Stage.QUARANTINE, 1L));
        store.purge(ALL);
        assertThat(store.parkedByStage()).isEmpty();
    }

    @Test
    void the_last_letter_id_is_below_those_that_follow() {
        assertThat(store.lastLetterId()).isZero();
        store.park(List.of(letter(1, 0), letter(2, 0)));
        List<Long> ids = ids(ALL);
        assertThat(store.lastLetterId()).isEqualTo(ids.getLast());
        store.purge(ALL);
        reopen();
        long last = store.lastLetterId();
        assertThat(last).isEqualTo(ids.getLast());
        store.park(List.of(letter(3, 0)));
        assertThat(ids(ALL)).singleElement().satisfies(id -> assertThat(id).isGreaterThan(last));
    }

    @Test
    void the_replay_key_is_random_and_stays() {
        store.park(List.of(letter(1, 0)));
        byte[] key = store.replayKey();
        assertThat(key).hasSizeGreaterThanOrEqualTo(16);
        assertThat(key).isNotEqualTo(new byte[key.length]);
        store.purge(ALL);
        reopen();
        assertThat(store.replayKey()).isEqualTo(key);
    }

    @Test
    void a_sound_store_passes_its_check_empty_or_not() {
        store.check();
        store.park(List.of(letter(1, 0)));
        store.check();
        reopen();
        store.check();
    }

    @Test
    void threads_may_park_and_list_at_once() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int first = t * 100;
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < 20; i++) {
                                    store.park(List.of(letter(first + i, 0)));
                                    store.list(ALL, 0, 5);
                                    store.parkedSince(0);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(store.count(ALL)).isEqualTo(80);
    }
}
