package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a JSON document: members joined by dots, {@code [n]} for the element of an array from
 * 0, as in {@code order.line_items[0].sku}. Immutable.
 */
public final class JsonPath {
    private static final Pattern PART = Pattern.compile("([^.\\[\\],=\\s]*)((?:\\[\\d{1,6}])*)");

    private final String text;
    private final List<Step> steps;

    private sealed interface Step {}

    private record Member(String name) implements Step {}

    private record Element(int index) implements Step {}

    private JsonPath(String text, List<Step> steps) {
        this.text = text;
        this.steps = List.copyOf(steps);
    }

    /**
     * Reads a path.
     *
     * @throws IllegalArgumentException when it is none; the message says what would be right
     */
    public static JsonPath parse(String text) {
        List<Step> steps = new ArrayList<>();
        for (String part : text.split("\\.", -1)) {
            Matcher matcher = PART.matcher(part);
            // Only a whole document that is an array has an element without a member before it.
            if (!matcher.matches()
                    || part.isEmpty()
                    || (matcher.group(1).isEmpty() && !steps.isEmpty())) {
                throw new IllegalArgumentException(
                        '"' + text + "\" is no path; write it as in order.line_items[0].sku");
            }
            if (!matcher.group(1).isEmpty()) {
                steps.add(new Member(matcher.group(1)));
            }
            addElements(matcher.group(2), steps);
        }
        return new JsonPath(text, steps);
    }

    private static void addElements(String brackets, List<Step> steps) {
        for (String index : brackets.split("[\\[\\]]+", -1)) {
            if (!index.isEmpty()) {
                steps.add(new Element(Integer.parseInt(index)));
            }
        }
    }

    /** What stands there, or null when nothing does, or JSON's null. */
    @Nullable JsonElement find(JsonElement document) {
        JsonElement at = document;
        for (Step step : steps) {
            JsonElement next =
                    switch (step) {
                        case Member(String name) ->
                                at.isJsonObject() ? at.getAsJsonObject().get(name) : null;
                        case Element(int index) ->
                                at.isJsonArray() && index < at.getAsJsonArray().size()
                                        ? at.getAsJsonArray().get(index)
                                        : null;
                    };
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at.isJsonNull() ? null : at;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonPath path && text.equals(path.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
