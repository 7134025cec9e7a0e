package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.wirebrook.schema.EventCatalog;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final EventCatalog catalog = EventCatalog.standard();

    @Test
    void a_named_type_takes_its_route_and_all_others_the_one_with_the_star() {
        RouteTable table = table(route("others", "*"), route("carts", "AddToCartEvent"));
        assertThat(table.route(ordinal("AddToCartEvent"))).isEqualTo(1);
        assertThat(table.route(ordinal("LaunchEvent"))).isZero();
        assertThat(table.route(-1)).isZero();
        assertThat(table.window(ordinal("AddToCartEvent"), 0))
                .isNotSameAs(table.window(ordinal("LaunchEvent"), 0));
    }

    @Test
    void refuses_what_would_lose_or_double_events() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(route("carts", "AddToCartEvent")))
                .withMessageContaining("\"*\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(route("one", "*"), route("two", "*")))
                .withMessageContaining("one")
                .withMessageContaining("two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(route("all", "*"), route("typo", "AddToCart")))
                .withMessageContaining("AddToCart");
    }

    private int ordinal(String name) {
        return catalog.typeNamed(name).orElseThrow().ordinal();
    }

    private RouteTable table(RouteSpec... routes) {
        List<IdempotencyWindow> windows =
                List.of(routes).stream()
                        .map(route -> new IdempotencyWindow(100, Duration.ofMinutes(1)))
                        .toList();
        return new RouteTable(List.of(routes), catalog, windows);
    }

    private static RouteSpec route(String name, String type) {
        return new RouteSpec(name, List.of(type), "warehouse", 10, 1_000, Duration.ofSeconds(1));
    }
}
