package dev.wirebrook.grpc;

import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A service, and how the server treats its methods. Immutable.
 *
 * @param executions where methods run, by their bare name; those not named run on virtual threads
 * @param endedOnDrain bare names of the methods whose calls a drain ends at once, with UNAVAILABLE,
 *     rather than waiting for them: streams that a client holds open for as long as it lives
 */
public record HostedService(
        ServerServiceDefinition definition,
        Map<String, Execution> executions,
        Set<String> endedOnDrain) {
    /**
     * @throws IllegalArgumentException when a name is not one of the service's methods
     */
    public HostedService {
        executions = Map.copyOf(executions);
        endedOnDrain = Set.copyOf(endedOnDrain);
        Set<String> methods = new HashSet<>();
        definition.getMethods().forEach(method -> methods.add(bareName(method)));
        requireKnown(executions.keySet(), methods);
        requireKnown(endedOnDrain, methods);
    }

    private static void requireKnown(Set<String> names, Set<String> methods) {
        if (!methods.containsAll(names)) {
            throw new IllegalArgumentException(
                    "the methods are %s, not %s".formatted(methods, names));
        }
    }

    /** All methods on virtual threads. */
    public static HostedService of(BindableService service) {
        return of(service.bindService());
    }

    /** All methods on virtual threads. */
    public static HostedService of(ServerServiceDefinition definition) {
        return new HostedService(definition, Map.of(), Set.of());
    }

    /** Runs these methods on the event loop: they never block. */
    public HostedService onEventLoop(String... methods) {
        Map<String, Execution> changed = new HashMap<>(executions);
        for (String method : methods) {
            changed.put(method, Execution.EVENT_LOOP);
        }
        return new HostedService(definition, changed, endedOnDrain);
    }

    /** Lets a drain end the open calls of these methods at once. */
    public HostedService endedOnDrain(String... methods) {
        Set<String> changed = new HashSet<>(endedOnDrain);
        changed.addAll(Set.of(methods));
        return new HostedService(definition, executions, changed);
    }

    /** A method's name without its service's. */
    static String bareName(ServerMethodDefinition<?, ?> method) {
        String full = method.getMethodDescriptor().getFullMethodName();
        return full.substring(full.lastIndexOf('/') + 1);
    }

    Execution executionOf(String method) {
        return executions.getOrDefault(method, Execution.VIRTUAL_THREAD);
    }
}
