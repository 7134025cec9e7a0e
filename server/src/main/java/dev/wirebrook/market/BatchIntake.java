package dev.wirebrook.market;

/**
 * The way into the event pipeline.
 *
 * <p>Guarantees: a batch that was answered durable survives a crash, whole. Never blocks.
 * Thread-safe.
 */
public interface BatchIntake {
    /**
     * To be called on the answer's executor.
     *
     * @param batch a serialised batch of events; not written to, and kept until the answer
     */
    void submit(byte[] batch, TickLog.Answer answer);
}
