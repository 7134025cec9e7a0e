package dev.wirebrook.app;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.events.rabbitmq.RabbitSettings;
import dev.wirebrook.events.rabbitmq.RabbitSettings.QueueType;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** RabbitMQ as event log, when that is what the settings ask for. */
final class RabbitLogSettings {
    private RabbitLogSettings() {}

    /** Empty: the log is the journal. */
    static Optional<RabbitSettings> of(SettingValues values) {
        if (!isAskedFor(values) || values.get(RabbitLogSettingsCatalog.URL).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new RabbitSettings(
                        values.get(RabbitLogSettingsCatalog.URL).orElseThrow(),
                        values.get(RabbitLogSettingsCatalog.USER),
                        values.get(RabbitLogSettingsCatalog.PASSWORD)
                                .map(Secret::reveal)
                                .orElse(""),
                        values.get(RabbitLogSettingsCatalog.EXCHANGE),
                        values.get(RabbitLogSettingsCatalog.QUEUE_TYPE)
                                        .equals(RabbitLogSettingsCatalog.QUORUM)
                                ? QueueType.QUORUM
                                : QueueType.CLASSIC,
                        jsonRoutes(values),
                        values.get(RabbitLogSettingsCatalog.PREFETCH),
                        values.get(RabbitLogSettingsCatalog.OUTSTANDING_MESSAGES_MAX),
                        values.get(RabbitLogSettingsCatalog.PENDING_BYTES_MAX),
                        values.get(RabbitLogSettingsCatalog.CONFIRM_TIMEOUT),
                        values.get(RabbitLogSettingsCatalog.CONNECT_TIMEOUT),
                        values.get(RabbitLogSettingsCatalog.HEARTBEAT)));
    }

    private static Set<String> jsonRoutes(SettingValues values) {
        Setting<String> payload = RabbitLogSettingsCatalog.ROUTE_PAYLOAD;
        Set<String> routes = new HashSet<>(values.names(payload.key()));
        routes.removeIf(
                route -> !values.getNamed(payload, route).equals(RabbitLogSettingsCatalog.JSON));
        return routes;
    }

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        boolean hasUrl = values.get(RabbitLogSettingsCatalog.URL).isPresent();
        if (isAskedFor(values) == hasUrl) {
            return hasUrl ? List.of() : partitionsOnJournal(values);
        }
        return List.of(
                hasUrl
                        ? values.problem(
                                RabbitLogSettingsCatalog.LOG,
                                "is journal, and rabbitmq.url is set; write rabbitmq, or leave the url out")
                        : values.problem(
                                RabbitLogSettingsCatalog.URL,
                                "is empty, and events.log is rabbitmq; write amqp://host:5672"));
    }

    private static List<SettingProblem> partitionsOnJournal(SettingValues values) {
        Setting<Integer> partitions = RabbitLogSettingsCatalog.ROUTE_PARTITIONS;
        return values.names(partitions.key()).stream()
                .filter(route -> values.getNamed(partitions, route) > 1)
                .map(route ->
                        values.problem(
                                partitions.key().replace("*", route),
                                "is above 1, which needs events.log: rabbitmq; on the journal leave"
                                        + " it out, and split the route by event types instead"))
                .toList();
    }

    private static boolean isAskedFor(SettingValues values) {
        return values.get(RabbitLogSettingsCatalog.LOG).equals(RabbitLogSettingsCatalog.RABBITMQ);
    }
}
