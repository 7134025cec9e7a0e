package dev.wirebrook.failure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks at a request field by field, so that its sender is told of everything that is wrong at
 * once. Confined to one thread.
 */
public final class RequestCheck {
    private final List<Violation> violations = new ArrayList<>();

    /**
     * @param field path from the request, such as {@code items[3].price}
     * @param rule what would be right, such as {@code must be 0 or more}
     */
    public RequestCheck require(boolean holds, String field, String rule) {
        if (!holds) {
            violations.add(new Violation(field, rule));
        }
        return this;
    }

    /**
     * @throws FailureException with an {@link Failure.InvalidRequest} that names every field that
     *     is wrong
     */
    public void orThrow() {
        if (!violations.isEmpty()) {
            String message =
                    violations.stream()
                            .map(violation -> violation.field() + ": " + violation.description())
                            .collect(Collectors.joining("; "));
            throw new FailureException(new Failure.InvalidRequest(message, violations));
        }
    }
}
