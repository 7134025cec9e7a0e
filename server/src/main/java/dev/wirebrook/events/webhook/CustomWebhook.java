package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A sender that only the settings know. */
public final class CustomWebhook extends WebhookSource {
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Spec spec;
    private final Translation translation;

    /**
     * What the settings say, {@code webhooks.custom.NAME} before each.
     *
     * @param signatureHeader holds the body's HMAC-SHA256; empty: the secret is a bearer token
     * @param idHeader holds the sender's id of the delivery; may be empty
     * @param idPath the same in the body, where the header is not there
     * @param topicHeader holds the delivery's topic, such as {@code X-GitHub-Event}; may be empty
     * @param topicPath the same in the body, where the header is not there
     * @param headers which headers of a request are kept
     * @param type of the events that it makes; empty: none but {@code WebhookReceivedEvent}
     * @param paths where the values of the event's fields stand, by field
     * @param time where the event's time stands
     */
    public record Spec(
            String name,
            String signatureHeader,
            String idHeader,
            Optional<JsonPath> idPath,
            String topicHeader,
            Optional<JsonPath> topicPath,
            KeptHeaders headers,
            String type,
            Map<String, JsonPath> paths,
            Optional<JsonPath> time) {
        public Spec {
            paths = Map.copyOf(paths);
        }

        String key() {
            return "webhooks.custom." + name;
        }
    }

    public CustomWebhook(Spec spec, String secret) {
        super(WebhookPath.CUSTOM + spec.name(), verifier(spec, secret));
        this.spec = spec;
        Map<String, FieldSource> sources = new LinkedHashMap<>();
        spec.paths()
                .forEach((field, path) ->
                        sources.put(field, new FieldSource.FromPath(List.of(path), false)));
        translation =
                new Translation(
                        MessageFields.none(),
                        spec.time().stream().toList(),
                        spec.type().isEmpty()
                                ? List.of()
                                : List.of(
                                        EventMapping.one(spec.type(), MessageFields.of(sources))));
    }

    private static Verifier verifier(Spec spec, String secret) {
        String setting = spec.key() + ".secret";
        return spec.signatureHeader().isEmpty()
                ? new BearerVerifier(secret, setting)
                : new HmacVerifier(List.of(spec.signatureHeader()), secret, setting);
    }

    /** What of the settings contradicts the catalogue, with the keys. */
    List<String> problems(EventCatalog catalog) {
        if (spec.type().isEmpty()) {
            return spec.paths().isEmpty()
                    ? List.of()
                    : List.of(spec.key() + ".fields: there is no type; give it one");
        }
        Optional<EventType> type = catalog.typeNamed(spec.type());
        if (type.isEmpty()) {
            return List.of(spec.key() + ".type: no event type is named " + spec.type());
        }
        List<String> problems = new ArrayList<>();
        for (String name : spec.paths().keySet()) {
            FieldDescriptor field = type.get().field().getMessageType().findFieldByName(name);
            if (field == null) {
                problems.add(
                        "%s.fields: %s has no field %s".formatted(spec.key(), spec.type(), name));
            } else if (!ScalarValues.fills(field)) {
                problems.add(
                        "%s.fields: %s of %s is a message; name fields of text, numbers or truth"
                                .formatted(spec.key(), name, spec.type()));
            }
        }
        return problems;
    }

    @Override
    Duration patience() {
        return PATIENCE;
    }

    @Override
    DeliveryHead head(WebhookRequest request, WebhookBody body) {
        String id = spec.idHeader().isEmpty() ? "" : request.header(List.of(spec.idHeader()));
        if (id.isEmpty() && spec.idPath().isPresent()) {
            id = body.textAt(spec.idPath().get());
        }
        String topic =
                spec.topicHeader().isEmpty() ? "" : request.header(List.of(spec.topicHeader()));
        if (topic.isEmpty() && spec.topicPath().isPresent()) {
            topic = body.textAt(spec.topicPath().get());
        }
        return DeliveryHead.of(name(), topic, id, "", body.bytes())
                .withHeaders(spec.headers().of(request, spec.signatureHeader()));
    }

    @Override
    Translation translation(DeliveryHead head, JsonElement document) {
        return translation;
    }
}
