package dev.wirebrook.events.webhook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.wirebrook.events.DeliveryTransform;
import dev.wirebrook.events.webhook.FieldSource.Constant;
import dev.wirebrook.events.webhook.FieldSource.ConstantEntries;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Makes one batch of a delivery: a {@code WebhookReceivedEvent} that holds it whole, and behind it
 * the typed events that it means, where the catalogue has their types. Either all of it fits or
 * nothing does. Immutable and thread-safe.
 */
public final class WebhookTransform implements DeliveryTransform {
    private static final System.Logger LOGGER = System.getLogger(WebhookTransform.class.getName());
    private static final String RAW_TYPE = "WebhookReceivedEvent";

    private final EventCatalog catalog;
    private final Map<String, WebhookSource> sourceByName;

    /**
     * @throws IllegalArgumentException when what the sources make contradicts the catalogue; the
     *     message has every setting that does
     */
    public WebhookTransform(EventCatalog catalog, List<WebhookSource> sources) {
        this.catalog = catalog;
        this.sourceByName =
                sources.stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        WebhookSource::name, Function.identity()));
        List<String> problems = new ArrayList<>();
        if (!sources.isEmpty() && catalog.typeNamed(RAW_TYPE).isEmpty()) {
            problems.add(
                    "the schema has no "
                            + RAW_TYPE
                            + ", which keeps what webhooks bring; take it over from"
                            + " proto/event/event.proto");
        }
        for (WebhookSource source : sources) {
            if (source instanceof CustomWebhook custom) {
                problems.addAll(custom.problems(catalog));
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    @Override
    public Result transform(byte[] head, byte[] body) {
        try {
            return transform(DeliveryHead.parse(head), new WebhookBody(body));
        } catch (UnfitException e) {
            return new Unfit(String.valueOf(e.getMessage()));
        }
    }

    Result transform(DeliveryHead head, WebhookBody body) {
        WebhookSource source = sourceByName.get(head.source());
        if (source == null) {
            return new Unfit("no webhook " + head.source() + " is set up on this server");
        }
        try {
            return new Batch(batch(source, head, body).toByteArray());
        } catch (UnfitException e) {
            return new Unfit(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // A bug of ours must not cost the delivery, nor end the replay of the others: it waits
            // for the version that has it mended.
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "delivery %s of %s".formatted(head.deliveryId(), head.source()),
                    e);
            return new Unfit("an unexpected fault: " + e);
        }
    }

    private Message batch(WebhookSource source, DeliveryHead head, WebhookBody body)
            throws UnfitException {
        JsonElement document = body.json();
        if (document.isJsonPrimitive() || document.isJsonNull()) {
            throw new UnfitException("the body is no JSON object");
        }
        Translation translation = source.translation(head, document);
        String time = EventTimes.of(translation.times(), document);
        DynamicMessage.Builder batch = DynamicMessage.newBuilder(catalog.batchMessage());
        batch.setField(
                catalog.header(),
                translation
                        .header()
                        .with("clientId", new Constant(source.clientId()))
                        .fill(catalog.header().getMessageType(), document));
        int number = 0;
        add(batch, head.eventId(0), time, EventMapping.one(RAW_TYPE, raw(head, body)), document);
        for (EventMapping mapping : translation.events()) {
            for (JsonElement part : parts(mapping, document)) {
                number++;
                add(batch, head.eventId(number), time, mapping, part);
            }
        }
        return batch.build();
    }

    private static MessageFields raw(DeliveryHead head, WebhookBody body) throws UnfitException {
        return MessageFields.of(
                Map.of(
                        "source", new Constant(head.source()),
                        "topic", new Constant(head.topic()),
                        "deliveryId", new Constant(head.deliveryId()),
                        "origin", new Constant(head.origin()),
                        "payload", new Constant(body.text()),
                        "headers", new ConstantEntries(head.headers())));
    }

    private static Iterable<JsonElement> parts(EventMapping mapping, JsonElement document) {
        if (mapping.each().isEmpty()) {
            return List.of(document);
        }
        JsonElement found = mapping.each().get().find(document);
        JsonArray array =
                found != null && found.isJsonArray() ? found.getAsJsonArray() : new JsonArray();
        return array.isEmpty() && mapping.always() ? List.of(JsonNull.INSTANCE) : array;
    }

    private void add(
            DynamicMessage.Builder batch,
            String id,
            String time,
            EventMapping mapping,
            JsonElement document)
            throws UnfitException {
        EventType type = catalog.typeNamed(mapping.type()).orElse(null);
        if (type == null) {
            return;
        }
        Message own = mapping.fields().fill(type.field().getMessageType(), document);
        batch.addRepeatedField(
                catalog.events(),
                DynamicMessage.newBuilder(catalog.events().getMessageType())
                        .setField(catalog.eventId(), id)
                        .setField(catalog.timestamp(), time)
                        .setField(type.field(), own)
                        .build());
    }
}
