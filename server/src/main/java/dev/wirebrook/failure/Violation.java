package dev.wirebrook.failure;

import java.util.Objects;

/**
 * One thing wrong with a request.
 *
 * @param field path from the request, such as {@code events[3].timestamp}
 * @param description what is wrong and what would be right
 */
public record Violation(String field, String description) {
    public Violation {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(description, "description");
    }
}
