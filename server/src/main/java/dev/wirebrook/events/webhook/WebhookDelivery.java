package dev.wirebrook.events.webhook;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A delivery whose body may be read. Holds a place among those of its sender until it is closed.
 * Confined to one thread.
 */
public final class WebhookDelivery implements AutoCloseable {
    private final WebhookDoor door;
    private final WebhookRequest request;
    private final int bodyBytesMax;
    private final AtomicBoolean closed = new AtomicBoolean();

    WebhookDelivery(WebhookDoor door, WebhookRequest request, int bodyBytesMax) {
        this.door = door;
        this.request = request;
        this.bodyBytesMax = bodyBytesMax;
    }

    /** Longest body that is taken. */
    public int bodyBytesMax() {
        return bodyBytesMax;
    }

    /** The answer to a body that is longer. */
    public WebhookAnswer tooLarge() {
        return door.tooLarge(bodyBytesMax);
    }

    /**
     * Verifies the body, makes it durable, and says so. Blocks.
     *
     * @param body all of it, as it came; not written to
     */
    public WebhookAnswer receive(byte[] body) throws InterruptedException {
        return door.receive(request, body);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            door.leave();
        }
    }
}
