package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.events.RouteHandover.UnknownProgressException;
import dev.wirebrook.events.RouteRecord.Route;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RouteHandoverTest {
    private static final String CART = "AddToCartEvent";
    private static final String LAUNCH = "LaunchEvent";

    private final EventCatalog catalog = EventCatalog.standard();
    private final Map<String, SinkProgress> committed = new HashMap<>();
    private int asked;
    private int suffix;

    private static RouteSpec route(String name, String sink, String... types) {
        return new RouteSpec(name, List.of(types), sink, 10, 1_000, Duration.ofSeconds(1));
    }

    private RouteRecord first(RouteSpec... routes) {
        return RouteHandover.first(List.of(routes), catalog, Cursor.START);
    }

    private RouteRecord next(RouteRecord former, RouteSpec... routes) {
        return next(former, catalog, routes);
    }

    private RouteRecord next(RouteRecord former, EventCatalog now, RouteSpec... routes) {
        try {
            return RouteHandover.next(
                    former,
                    List.of(routes),
                    now,
                    (sink, name) -> {
                        asked++;
                        if (sink.equals("silent")) {
                            throw new UncheckedIOException(new IOException("no answer"));
                        }
                        return committed.getOrDefault(name, SinkProgress.NONE);
                    },
                    () -> "x" + ++suffix);
        } catch (UnknownProgressException e) {
            throw new AssertionError(e);
        }
    }

    private void commit(String cursorName, long position) {
        commit(cursorName, new Cursor(position, 0));
    }

    private void commit(String cursorName, Cursor cursor) {
        committed.put(
                cursorName,
                new SinkProgress(cursor, new SettledCounts(cursor.position(), 0, 0, 0)));
    }

    private int number(String type) {
        return catalog.typeNamed(type).orElseThrow().field().getNumber();
    }

    /** From where on the route that takes a type stores it. */
    private Cursor from(RouteRecord record, String type) {
        Route owner = record.owner(number(type));
        Cursor cursor = committed.getOrDefault(owner.cursorName(), SinkProgress.NONE).cursor();
        Cursor from = record.from(number(type));
        return from.compareTo(cursor) < 0 ? cursor : from;
    }

    @Test
    void the_same_routes_with_other_bounds_or_names_go_on_and_no_sink_is_asked() {
        RouteRecord former = first(route("carts", "silent", CART), route("rest", "silent", "*"));
        RouteSpec larger =
                new RouteSpec("carts", List.of(CART), "silent", 99, 99_000, Duration.ofSeconds(9));
        assertThat(next(former, larger, route("rest", "silent", "*"))).isEqualTo(former);
        RouteRecord renamed =
                next(former, route("others", "silent", "*"), route("baskets", "silent", CART));
        assertThat(renamed.routes()).extracting(Route::cursorName).containsExactly("rest", "carts");
        // Names exchanged, not types.
        RouteRecord exchanged =
                next(former, route("rest", "silent", CART), route("carts", "silent", "*"));
        assertThat(exchanged.routes())
                .extracting(Route::cursorName)
                .containsExactly("carts", "rest");
        assertThat(asked).isZero();
    }

    @Test
    void a_split_goes_on_in_the_middle_of_a_batch() {
        RouteRecord former = first(route("all", "warehouse", "*"));
        commit("all", new Cursor(1_000, 7));
        RouteRecord split =
                next(former, route("carts", "warehouse", CART), route("rest", "warehouse", "*"));
        assertThat(from(split, CART)).isEqualTo(new Cursor(1_000, 7));
        assertThat(from(split, LAUNCH)).isEqualTo(new Cursor(1_000, 7));
    }

    @Test
    void what_was_further_is_not_read_again_by_a_route_that_begins_earlier() {
        RouteRecord former =
                first(route("carts", "warehouse", CART), route("rest", "warehouse", "*"));
        commit("carts", 5_000);
        commit("rest", 800);
        RouteRecord merged = next(former, route("all", "warehouse", "*"));
        assertThat(from(merged, CART)).isEqualTo(new Cursor(5_000, 0));
        assertThat(from(merged, LAUNCH)).isEqualTo(new Cursor(800, 0));
        // Changed again before it has stored anything.
        RouteRecord again =
                next(merged, route("one", "other", CART), route("two", "warehouse", "*"));
        assertThat(from(again, CART)).isEqualTo(new Cursor(5_000, 0));
        assertThat(from(again, LAUNCH)).isEqualTo(new Cursor(800, 0));
    }

    @Test
    void counts_of_cursors_that_nobody_uses_any_more_are_kept() {
        RouteRecord former =
                first(route("carts", "warehouse", CART), route("rest", "warehouse", "*"));
        commit("carts", 5_000);
        commit("rest", 800);
        RouteRecord moved = next(former, route("all", "other", "*"));
        assertThat(moved.retired().stored()).isEqualTo(5_800);
        assertThat(moved.routes()).extracting(Route::cursorName).containsExactly("all@x1");
    }

    @Test
    void a_new_type_and_one_that_is_gone_belonged_to_the_route_of_all_others() {
        RouteRecord former =
                first(route("carts", "warehouse", CART), route("rest", "warehouse", "*"));
        commit("carts", 5_000);
        commit("rest", 800);
        List<Route> without = new ArrayList<>(former.routes());
        TreeMap<Integer, RouteRecord.TypeStart> types = new TreeMap<>(without.getFirst().types());
        types.put(9_999, new RouteRecord.TypeStart("GoneEvent", Cursor.START));
        without.set(0, new Route("carts", "warehouse", "carts", types));
        TreeMap<Integer, RouteRecord.TypeStart> rest = new TreeMap<>(without.getLast().types());
        rest.remove(number(LAUNCH));
        without.set(1, new Route("rest", "warehouse", "rest", rest));
        RouteRecord other =
                next(
                        new RouteRecord(without, SettledCounts.ZERO, new TreeMap<>()),
                        route("carts", "warehouse", CART),
                        route("launches", "warehouse", LAUNCH),
                        route("rest", "warehouse", "*"));
        assertThat(other.from(number(LAUNCH))).isEqualTo(new Cursor(800, 0));
        assertThat(other.owner(9_999).name()).isEqualTo("rest");
        assertThat(other.from(9_999)).isEqualTo(new Cursor(5_000, 0));
        assertThat(other.owner(12_345).name()).isEqualTo("rest");
    }

    @Test
    void nothing_is_guessed_about_a_sink_that_does_not_answer() {
        RouteRecord former = first(route("carts", "silent", CART), route("rest", "warehouse", "*"));
        assertThatThrownBy(() -> next(former, route("all", "warehouse", "*")))
                .cause()
                .isInstanceOf(UnknownProgressException.class)
                .hasMessageContaining("carts (silent)")
                .hasMessageContaining("no answer");
    }

    /** Every type is stored to the end of the log by somebody, and no stretch by two. */
    @Test
    void any_row_of_changes_leaves_no_gap_and_no_overlap() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> types = List.of(CART, LAUNCH, "SearchEvent");
        Map<String, Cursor> settled = new HashMap<>();
        types.forEach(type -> settled.put(type, Cursor.START));
        RouteRecord record = first(route("all", "warehouse", "*"));
        long end = 0;
        for (int change = 0; change < 300; change++) {
            end += random.nextInt(1_000);
            for (Route route : record.routes()) {
                // As the pipeline does it: from the earliest start or the cursor, to anywhere.
                Cursor cursor =
                        committed.getOrDefault(route.cursorName(), SinkProgress.NONE).cursor();
                Cursor to = new Cursor(random.nextLong(end + 1), random.nextInt(3));
                if (random.nextInt(3) > 0 && to.compareTo(cursor) > 0) {
                    commit(route.cursorName(), to);
                }
            }
            for (String type : types) {
                Cursor from = from(record, type);
                assertThat(from)
                        .as("seed %d, change %d, %s", seed, change, type)
                        .isGreaterThanOrEqualTo(settled.get(type));
                settled.put(type, from);
            }
            record = next(record, randomRoutes(random, types));
            assertThat(RouteRecord.parse(record.lines())).isEqualTo(record);
            for (String type : types) {
                assertThat(from(record, type))
                        .as("seed %d, after change %d, %s", seed, change, type)
                        .isEqualTo(settled.get(type));
            }
        }
    }

    private static RouteSpec[] randomRoutes(Random random, List<String> types) {
        Map<String, List<String>> byRoute = new TreeMap<>();
        byRoute.put("r" + random.nextInt(4), new ArrayList<>(List.of("*")));
        for (String type : types) {
            if (random.nextBoolean()) {
                byRoute.computeIfAbsent("r" + random.nextInt(4), _ -> new ArrayList<>()).add(type);
            }
        }
        return byRoute.entrySet().stream()
                .map(entry ->
                        route(
                                entry.getKey(),
                                random.nextBoolean() ? "warehouse" : "other",
                                entry.getValue().toArray(String[]::new)))
                .toArray(RouteSpec[]::new);
    }

    @Test
    void a_record_that_is_cut_off_or_of_another_format_does_not_read() {
        List<String> lines = first(route("all things", "warehouse", "*")).lines();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RouteRecord.parse(lines.subList(0, lines.size() - 1)))
                .withMessageContaining("end is missing");
        List<String> later = new ArrayList<>(lines);
        later.set(0, "wirebrook routes 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RouteRecord.parse(later))
                .withMessageContaining("wirebrook routes 1");
        List<String> damaged = new ArrayList<>(lines);
        damaged.set(3, "type x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RouteRecord.parse(damaged))
                .withMessageContaining("line 4");
    }
}
