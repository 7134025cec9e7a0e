package dev.wirebrook.events.postgres;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import dev.wirebrook.events.DeadLetterStoreContract;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresDeadLetterStoreIT extends DeadLetterStoreContract {
    private static @Nullable TestPostgres postgres;

    private final TestPostgres.Schema schema = requireNonNull(postgres).schema();
    private final List<PostgresEngine> engines = new ArrayList<>();

    @BeforeAll
    static void startServer() {
        postgres = new TestPostgres();
    }

    @AfterAll
    static void stopServer() {
        if (postgres != null) {
            postgres.close();
        }
    }

    @AfterEach
    void closeEngines() {
        engines.forEach(PostgresEngine::close);
    }

    @Override
    protected DeadLetterStore open() {
        return node("this node");
    }

    private PostgresDeadLetterStore node(String log) {
        PostgresEngine engine =
                new PostgresEngine(schema.settings(), Thread.ofPlatform().daemon().factory());
        engines.add(engine);
        return engine.deadLetters(log);
    }

    @Test
    void every_node_lists_replays_and_purges_the_letters_of_all() {
        DeadLetterStore one = node("one");
        DeadLetterStore other = node("other");
        one.park(List.of(letterAt(5)));
        other.park(List.of(letterAt(5)));
        List<DeadLetter> all = one.list(DeadLetterFilter.ALL, 0, 10);
        assertThat(all).hasSize(2).extracting(DeadLetter::letterId).doesNotHaveDuplicates();
        assertThat(other.list(DeadLetterFilter.ALL, 0, 10))
                .usingRecursiveComparison()
                .isEqualTo(all);
        other.markReplayed(List.of(all.getFirst().letterId()), Instant.EPOCH);
        assertThat(one.find(all.getFirst().letterId()).orElseThrow().state())
                .isEqualTo(State.REPLAYED);
        assertThat(other.purge(DeadLetterFilter.ALL)).isEqualTo(2);
        assertThat(one.count(DeadLetterFilter.ALL)).isZero();
    }

    @Test
    void a_position_is_remembered_for_the_log_that_it_is_of() {
        node("one").park(List.of(letterAt(5)));
        assertThat(node("other").parkedSince(0)).isEmpty();
        assertThat(node("one").parkedSince(0)).containsExactly(new Cursor(5, 0));
    }

    @Test
    void letters_of_another_store_keep_their_states_and_are_adopted_once() {
        PostgresDeadLetterStore store = node("one");
        DeadLetter replayed = letter("id", State.REPLAYED);
        store.adopt(List.of(replayed));
        store.adopt(List.of(replayed));
        assertThat(store.list(DeadLetterFilter.ALL, 0, 10))
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.state()).isEqualTo(State.REPLAYED);
                    assertThat(letter.replayTime()).isEqualTo(replayed.replayTime());
                });
    }

    /** PostgreSQL has no text with U+0000; a letter that it refused would stop its route. */
    @Test
    void a_letter_with_the_character_zero_in_its_texts_is_parked() {
        DeadLetterStore store = node("one");
        store.park(List.of(letter("a\0b", State.PARKED)));
        assertThat(store.list(DeadLetterFilter.ALL, 0, 10))
                .singleElement()
                .satisfies(letter -> assertThat(letter.eventId()).isEqualTo("a\u2400b"));
    }

    @Test
    void a_letter_of_a_client_with_a_very_long_name_is_parked() {
        DeadLetterStore store = node("one");
        // Not the same again and again: PostgreSQL would compress it.
        String client =
                new Random(7)
                        .ints(20_000, 'a', 'z')
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
        store.park(List.of(letter("a", client, State.PARKED)));
        DeadLetterFilter filter =
                new DeadLetterFilter(
                        List.of(), List.of("T"), client, "", null, "", null, null, null);
        assertThat(store.count(filter)).isEqualTo(1);
    }

    /** A reader that pages by id would miss a letter that became visible behind its page. */
    @Test
    void ids_become_visible_in_their_order() throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            DeadLetterStore store = node("node " + node);
            writers.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < 50; i++) {
                                    store.park(List.of(letterAt(i)));
                                }
                            }));
        }
        DeadLetterStore reader = node("reader");
        List<Long> read = new ArrayList<>();
        while (read.size() < 150) {
            reader.list(DeadLetterFilter.ALL, read.isEmpty() ? 0 : read.getLast(), 10)
                    .forEach(letter -> read.add(letter.letterId()));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(read).isSorted().hasSize((int) reader.count(DeadLetterFilter.ALL));
    }

    private static DeadLetter letter(String id, State state) {
        return letter(id, "c", state);
    }

    private static DeadLetter letter(String id, String client, State state) {
        return new DeadLetter(
                0,
                "r",
                new Cursor(1, 0),
                id,
                "T",
                client,
                Stage.SINK,
                "why",
                3,
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH,
                state,
                state == State.REPLAYED ? Instant.EPOCH.plusSeconds(1) : null,
                new byte[0],
                new byte[] {0});
    }
}
