package dev.wirebrook.http.json;

import dev.wirebrook.failure.Violation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The elements of one document's {@link JudgedList} that do not fit. Confined to a thread; for one
 * use.
 */
final class Misfits {
    private final FieldPlan list;
    private final Set<FieldPlan> kept = new HashSet<>();
    private final int misfitsMax;
    private final Map<Integer, Violation> byIndex = new HashMap<>();

    /**
     * @param message that the list is a field of
     */
    Misfits(TypePlan message, JudgedList judged) {
        list = message.field(judged.list().getNumber());
        judged.kept().forEach(field -> kept.add(list.message().field(field.getNumber())));
        misfitsMax = judged.misfitsMax();
    }

    FieldPlan list() {
        return list;
    }

    /** Whether a field is kept of an element that does not fit. */
    boolean keeps(FieldPlan field) {
        return kept.contains(field);
    }

    void add(int index, InvalidJsonException misfit) {
        if (byIndex.size() < misfitsMax) {
            byIndex.put(index, new Violation(misfit.field(), misfit.description()));
        }
    }

    Map<Integer, Violation> byIndex() {
        return byIndex;
    }
}
