package dev.wirebrook.http;

/** What the heartbeat switches: whether the node is in rotation. Thread-safe. */
public interface Rotation {
    /** Whether the node is in rotation. */
    boolean beats();

    /**
     * Takes the node out of rotation or puts it back; calls are still answered when it is out.
     *
     * @return whether it is as wished now; false when the node's state does not allow it
     */
    boolean beat(boolean wished);
}
