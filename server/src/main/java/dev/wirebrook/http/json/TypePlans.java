package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.Descriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The plans of the types that were met so far. Thread-safe. */
final class TypePlans {
    private final Map<Descriptor, TypePlan> plans = new ConcurrentHashMap<>();

    TypePlan of(Descriptor type) {
        return plans.computeIfAbsent(type, missing -> new TypePlan(missing, this));
    }
}
