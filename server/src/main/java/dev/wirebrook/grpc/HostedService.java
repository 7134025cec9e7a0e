package dev.wirebrook.grpc;

import dev.wirebrook.auth.Scope;
import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A service, and how the server treats its methods. Immutable.
 *
 * @param executions where methods run, by their bare name; those not named run on virtual threads
 * @param endedOnDrain bare names of the methods whose calls a drain ends at once, with UNAVAILABLE,
 *     rather than waiting for them: streams that a client holds open for as long as it lives
 * @param scopes what a caller needs for methods, by their bare name; those not named need all
 * @param open bare names of the methods that anybody may call, known or not
 * @param verdicts of the methods that judge the elements of a list one by one, by their bare name
 */
public record HostedService(
        ServerServiceDefinition definition,
        Map<String, Execution> executions,
        Set<String> endedOnDrain,
        Map<String, Scope> scopes,
        Set<String> open,
        Map<String, ElementVerdicts> verdicts) {
    /**
     * @throws IllegalArgumentException when a name is not one of the service's methods
     */
    public HostedService {
        executions = Map.copyOf(executions);
        endedOnDrain = Set.copyOf(endedOnDrain);
        scopes = Map.copyOf(scopes);
        open = Set.copyOf(open);
        verdicts = Map.copyOf(verdicts);
        Set<String> methods = new HashSet<>();
        definition.getMethods().forEach(method -> methods.add(bareName(method)));
        requireKnown(executions.keySet(), methods);
        requireKnown(endedOnDrain, methods);
        requireKnown(scopes.keySet(), methods);
        requireKnown(open, methods);
        requireKnown(verdicts.keySet(), methods);
    }

    private static void requireKnown(Set<String> names, Set<String> methods) {
        if (!methods.containsAll(names)) {
            throw new IllegalArgumentException(
                    "the methods are %s, not %s".formatted(methods, names));
        }
    }

    /** All methods on virtual threads, for callers that may do everything. */
    public static HostedService of(BindableService service) {
        return of(service.bindService());
    }

    /** All methods on virtual threads, for callers that may do everything. */
    public static HostedService of(ServerServiceDefinition definition) {
        return new HostedService(definition, Map.of(), Set.of(), Map.of(), Set.of(), Map.of());
    }

    /** The service's full name, such as {@code event.EventService}. */
    public String name() {
        return definition.getServiceDescriptor().getName();
    }

    /** Runs these methods on the event loop: they never block. */
    public HostedService onEventLoop(String... methods) {
        Map<String, Execution> changed = new HashMap<>(executions);
        for (String method : methods) {
            changed.put(method, Execution.EVENT_LOOP);
        }
        return new HostedService(definition, changed, endedOnDrain, scopes, open, verdicts);
    }

    /** Lets a drain end the open calls of these methods at once. */
    public HostedService endedOnDrain(String... methods) {
        Set<String> changed = new HashSet<>(endedOnDrain);
        changed.addAll(Set.of(methods));
        return new HostedService(definition, executions, changed, scopes, open, verdicts);
    }

    /** Lets callers with this scope call these methods. */
    public HostedService requires(Scope scope, String... methods) {
        Map<String, Scope> changed = new HashMap<>(scopes);
        for (String method : methods) {
            changed.put(method, scope);
        }
        return new HostedService(definition, executions, endedOnDrain, changed, open, verdicts);
    }

    /** Lets anybody call these methods. */
    public HostedService open(String... methods) {
        Set<String> changed = new HashSet<>(open);
        changed.addAll(Set.of(methods));
        return new HostedService(definition, executions, endedOnDrain, scopes, changed, verdicts);
    }

    /** Says that the method gives each element of a list a verdict of its own. */
    public HostedService judging(ElementVerdicts verdict, String method) {
        Map<String, ElementVerdicts> changed = new HashMap<>(verdicts);
        changed.put(method, verdict);
        return new HostedService(definition, executions, endedOnDrain, scopes, open, changed);
    }

    /** A method's name without its service's. */
    static String bareName(ServerMethodDefinition<?, ?> method) {
        String full = method.getMethodDescriptor().getFullMethodName();
        return full.substring(full.lastIndexOf('/') + 1);
    }

    /** What a caller of the method needs; empty: not even to be known. */
    Optional<Scope> scopeOf(String method) {
        return open.contains(method)
                ? Optional.empty()
                : Optional.of(scopes.getOrDefault(method, Scope.ALL));
    }

    Execution executionOf(String method) {
        return executions.getOrDefault(method, Execution.VIRTUAL_THREAD);
    }
}
