package dev.wirebrook.client;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some symbols of the market, or all of them. Immutable.
 *
 * @param ids by number, 1 or more; one that nothing was published for yet comes when it is
 * @param names by name, such as "EURUSD"; one that nothing was published for has no id yet, and is
 *     reported as missing
 * @param all whether every symbol is meant that there is or will be; then none is named
 */
public record Symbols(List<Integer> ids, List<String> names, boolean all) {
    private static final Symbols ALL = new Symbols(List.of(), List.of(), true);

    public Symbols {
        ids = ids.stream().distinct().toList();
        names = names.stream().distinct().toList();
        for (int id : ids) {
            if (id < 1) {
                throw new IllegalArgumentException("symbol id below 1: " + id);
            }
        }
        if (names.contains("")) {
            throw new IllegalArgumentException("a symbol without a name");
        }
        if (all != (ids.isEmpty() && names.isEmpty())) {
            throw new IllegalArgumentException("either symbols or all of them");
        }
    }

    /** Every symbol that there is or will be. */
    public static Symbols everything() {
        return ALL;
    }

    /** At least one. */
    public static Symbols ofIds(Collection<Integer> ids) {
        return new Symbols(List.copyOf(ids), List.of(), false);
    }

    /** At least one. */
    public static Symbols ofIds(int... ids) {
        return ofIds(Arrays.stream(ids).boxed().toList());
    }

    /** At least one. */
    public static Symbols named(Collection<String> names) {
        return new Symbols(List.of(), List.copyOf(names), false);
    }

    /** At least one. */
    public static Symbols named(String... names) {
        return named(List.of(names));
    }

    /** These and those. */
    public Symbols and(Symbols more) {
        return all || more.all
                ? ALL
                : new Symbols(joined(ids, more.ids), joined(names, more.names), false);
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        return Stream.of(some, more).flatMap(List::stream).collect(Collectors.toList());
    }
}
