package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnakeCaseTest {
    @ParameterizedTest
    @CsvSource({
        "AddToCartEvent, add_to_cart_event",
        "utmSource, utm_source",
        "currentURL, current_url",
        "URLOfPage, url_of_page",
        "id, id",
        "A, a",
        "already_snake, already_snake",
        "Mixed_Case, mixed_case",
        "sha256Sum, sha256_sum",
        "GA4Event, ga4_event",
        "x2Y, x2_y"
    })
    void breaks_names_into_words(String name, String snake) {
        assertThat(SnakeCase.of(name)).isEqualTo(snake);
    }
}
