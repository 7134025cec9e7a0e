package dev.wirebrook.telemetry;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether this node should get traffic, and why not.
 *
 * <p>The node has one {@link State}; each component says whether it is ready; a service is served
 * while the node serves and the components it needs are ready. All changes are seen at once by all
 * readers. Thread-safe.
 */
public final class Health {
    /** Where the node is in its life. */
    public enum State {
        /** Not all is up yet. */
        STARTING,
        SERVING,
        /** Taken out of rotation by hand; calls are still answered. Can be taken back. */
        RESTING,
        /** On its way down: out of rotation, calls are still answered for the grace. */
        DRAINING,
        /** Calls are no longer taken. */
        STOPPING
    }

    /** What a component says of itself. */
    public enum Condition {
        READY,
        /** Does not work now and may again. */
        NOT_READY,
        /** Will not work again in this process: it has to be started anew. */
        BROKEN
    }

    /**
     * @param essential whether the node takes no traffic without it; else only the services that
     *     need it do not
     * @param reason why it is not ready; while it is, a note for operators, usually empty
     * @param since when the condition began
     */
    public record ComponentStatus(
            String name, boolean essential, Condition condition, String reason, Instant since) {}

    /**
     * A look at everything at one moment.
     *
     * @param components in the order in which they were added
     */
    public record Snapshot(State state, List<ComponentStatus> components) {
        public Snapshot {
            components = List.copyOf(components);
        }

        /** Whether new traffic should come here. */
        public boolean ready() {
            return state == State.SERVING
                    && components.stream()
                            .allMatch(c -> !c.essential() || c.condition() == Condition.READY);
        }

        /** Whether the process can still get well by itself. */
        public boolean live() {
            return components.stream().noneMatch(c -> c.condition() == Condition.BROKEN);
        }
    }

    /** Told after every change, on the thread that made it; looks for itself at what is new. */
    @FunctionalInterface
    public interface Listener {
        void changed();
    }

    /** A listener's stay; closing ends it. */
    public interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /** The handle by which a part of the node tells its condition. Starts as not ready. */
    public final class Component {
        private final String name;
        // Guarded by Health.this.
        private ComponentStatus status;

        private Component(String name, boolean essential) {
            this.name = name;
            status =
                    new ComponentStatus(
                            name, essential, Condition.NOT_READY, "starting", clock.instant());
        }

        public void ready() {
            ready("");
        }

        /**
         * @param note what operators should know although it works; may be empty
         */
        public void ready(String note) {
            change(Condition.READY, note);
        }

        /**
         * @param reason what a person should know, such as {@code disk is full}
         */
        public void notReady(String reason) {
            change(Condition.NOT_READY, reason);
        }

        public void broken(String reason) {
            change(Condition.BROKEN, reason);
        }

        private void change(Condition condition, String reason) {
            synchronized (Health.this) {
                if (status.condition() == condition && status.reason().equals(reason)) {
                    return;
                }
                Instant since = status.condition() == condition ? status.since() : clock.instant();
                status = new ComponentStatus(name, status.essential(), condition, reason, since);
            }
            tellListeners();
        }
    }

    private final InstantSource clock;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    // Guarded by this.
    private final Map<String, Component> componentByName = new LinkedHashMap<>();
    private final Map<String, List<Component>> needsByService = new LinkedHashMap<>();
    private State state = State.STARTING;

    public Health(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Adds a component that the node takes no traffic without.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Component component(String name) {
        return added(name, true);
    }

    /**
     * Adds a component that only some services need: without it the node goes on with the others.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Component partialComponent(String name) {
        return added(name, false);
    }

    private Component added(String name, boolean essential) {
        Component component = new Component(name, essential);
        synchronized (this) {
            if (componentByName.putIfAbsent(name, component) != null) {
                throw new IllegalArgumentException("there is a component " + name + " already");
            }
        }
        tellListeners();
        return component;
    }

    /**
     * Adds a service, or replaces what it needs.
     *
     * @param name its full name, such as {@code event.EventService}
     * @param needs the components without which it cannot answer
     */
    public void service(String name, Component... needs) {
        synchronized (this) {
            needsByService.put(name, List.of(needs));
        }
        tellListeners();
    }

    /** Everything is up: the node takes traffic. Without effect once it is leaving. */
    public void started() {
        move(State.STARTING, State.SERVING);
    }

    /**
     * Takes the node out of rotation.
     *
     * @return whether it is out now; false while it starts
     */
    public boolean rest() {
        move(State.SERVING, State.RESTING);
        State now = state();
        return now != State.STARTING && now != State.SERVING;
    }

    /**
     * Puts the node back into rotation.
     *
     * @return whether it serves now; false while it starts, drains or stops
     */
    public boolean resume() {
        move(State.RESTING, State.SERVING);
        return state() == State.SERVING;
    }

    /** The node is going down. Cannot be taken back. */
    public void drain() {
        synchronized (this) {
            if (state == State.STOPPING || state == State.DRAINING) {
                return;
            }
            state = State.DRAINING;
        }
        tellListeners();
    }

    /** The node takes no more calls. Cannot be taken back. */
    public void stop() {
        synchronized (this) {
            if (state == State.STOPPING) {
                return;
            }
            state = State.STOPPING;
        }
        tellListeners();
    }

    private void move(State from, State to) {
        synchronized (this) {
            if (state != from) {
                return;
            }
            state = to;
        }
        tellListeners();
    }

    public synchronized State state() {
        return state;
    }

    public synchronized Snapshot snapshot() {
        List<ComponentStatus> statuses = new ArrayList<>();
        componentByName.values().forEach(component -> statuses.add(component.status));
        return new Snapshot(state, statuses);
    }

    /**
     * Whether a service takes calls, and empty when no such service was added. The empty name
     * stands for the whole node.
     */
    public synchronized Optional<Boolean> serves(String service) {
        if (service.isEmpty()) {
            return Optional.of(snapshot().ready());
        }
        List<Component> needs = needsByService.get(service);
        if (needs == null) {
            return Optional.empty();
        }
        return Optional.of(
                state == State.SERVING
                        && needs.stream()
                                .allMatch(need -> need.status.condition() == Condition.READY));
    }

    /** Adds a listener; it may be told from several threads at once. */
    public Listening listen(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tellListeners() {
        listeners.forEach(Listener::changed);
    }
}
