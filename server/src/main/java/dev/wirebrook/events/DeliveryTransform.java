package dev.wirebrook.events;

/**
 * Makes events of what came in as something else, such as a webhook.
 *
 * <p>Guarantees: the same delivery makes events of the same ids, so that a delivery that is
 * transformed again is stored once. Thread-safe; never blocks.
 */
@FunctionalInterface
public interface DeliveryTransform {
    /** For a server that takes no deliveries. */
    DeliveryTransform NONE =
            (_, _) -> new Unfit("no webhook is set up on this server; it cannot be transformed");

    /**
     * @param head what is known of the delivery beside its body, as the adapter wrote it when it
     *     was parked
     * @param body as it arrived
     */
    Result transform(byte[] head, byte[] body);

    sealed interface Result {}

    /**
     * @param bytes a serialised {@code event.Events}
     */
    @SuppressWarnings("ArrayRecordComponent") // made, submitted, forgotten
    record Batch(byte[] bytes) implements Result {}

    /**
     * @param reason what of the delivery does not fit, for people
     */
    record Unfit(String reason) implements Result {}
}
