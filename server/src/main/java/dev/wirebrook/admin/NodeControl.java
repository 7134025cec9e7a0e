package dev.wirebrook.admin;

import java.time.Instant;

/** The node's life cycle, as operators see and steer it. Thread-safe. */
public interface NodeControl {
    enum State {
        STARTING,
        SERVING,
        /** Out of rotation: health says NOT_SERVING, calls are still served. */
        DRAINING,
        STOPPING
    }

    State state();

    Instant startTime();

    /** Takes the node out of rotation. */
    void drain();

    /** Takes it back in. No effect once it is stopping. */
    void undrain();

    /** Ends the process after the grace, as SIGTERM does. Returns at once. */
    void stop();
}
