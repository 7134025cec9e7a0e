package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.oneOf;
import static dev.wirebrook.app.config.SettingTypes.optional;
import static dev.wirebrook.app.config.SettingTypes.secret;
import static dev.wirebrook.app.config.SettingTypes.size;
import static dev.wirebrook.app.config.SettingTypes.text;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.events.EventPartition;
import dev.wirebrook.events.rabbitmq.RabbitSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of RabbitMQ as event log, declared once. */
final class RabbitLogSettingsCatalog {
    static final String JOURNAL = "journal";
    static final String RABBITMQ = "rabbitmq";
    static final String PROTOBUF = "protobuf";
    static final String JSON = "protojson";
    static final String QUORUM = "quorum";
    static final String CLASSIC = "classic";

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long MIB = 1 << 20;

    static final Setting<String> LOG =
            Setting.of(
                    "events.log",
                    oneOf(List.of(JOURNAL, RABBITMQ)),
                    JOURNAL,
                    "What makes events durable before they are acknowledged: this node's own disk, or RabbitMQ, which nodes can share.");
    static final Setting<String> ROUTE_PAYLOAD =
            Setting.of(
                    "events.routes.*.payload",
                    oneOf(List.of(PROTOBUF, JSON)),
                    PROTOBUF,
                    "How the messages with the route's event types are written in RabbitMQ, where programs of yours can have them, too.");
    static final Setting<Integer> ROUTE_PARTITIONS =
            Setting.of(
                    "events.routes.*.partitions",
                    whole(1, EventPartition.PARTITIONS_MAX),
                    "1",
                    "Queues that the route is split into with RabbitMQ as log, by client and event id, each served by one node at a time. More for a route whose sink is slow.");
    static final Setting<Optional<URI>> URL =
            Setting.of(
                    "rabbitmq.url",
                    optional("amqp://host:port/vhost or amqps://...", RabbitSettings::checkedUri),
                    "",
                    "Where RabbitMQ is, without user and password.");
    static final Setting<String> USER =
            Setting.of("rabbitmq.user", text(), "guest", "Who this server is to RabbitMQ.");
    static final Setting<Optional<Secret>> PASSWORD =
            Setting.of(
                    "rabbitmq.password",
                    secret(),
                    "",
                    "The user's password; best given by the environment, for other users of the machine see flags.");
    static final Setting<String> EXCHANGE =
            Setting.of(
                    "rabbitmq.exchange",
                    text(),
                    "wirebrook.events",
                    "Topic exchange that events go through; each route's queue is called <exchange>.<route>.");
    static final Setting<String> QUEUE_TYPE =
            Setting.of(
                    "rabbitmq.queue-type",
                    oneOf(List.of(QUORUM, CLASSIC)),
                    QUORUM,
                    "Kind of the queues. Queues that exist are not changed: delete them first.");
    static final Setting<Integer> PREFETCH =
            Setting.of(
                    "rabbitmq.prefetch",
                    whole(1, 100_000),
                    "4000",
                    "Messages that a route may have taken and not yet stored. One is 64KiB at most, unless its only event is longer.");
    static final Setting<Integer> OUTSTANDING_MESSAGES_MAX =
            Setting.of(
                    "rabbitmq.outstanding-messages-max",
                    whole(1, 100_000),
                    "4000",
                    "Messages that may be published and not yet confirmed.");
    static final Setting<Long> PENDING_BYTES_MAX =
            Setting.of(
                    "rabbitmq.pending-bytes-max",
                    size(8 * MIB, 16L << 30),
                    "64MiB",
                    "Bytes that may wait for RabbitMQ; beyond it, clients are told to come again.");
    static final Setting<Duration> CONFIRM_TIMEOUT =
            Setting.of(
                    "rabbitmq.confirm-timeout",
                    duration(SECOND, HOUR),
                    "10s",
                    "How long a batch waits for RabbitMQ, over lost connections, before its client is told to come again.");
    static final Setting<Duration> CONNECT_TIMEOUT =
            Setting.of(
                    "rabbitmq.connect-timeout",
                    duration(SECOND, HOUR),
                    "5s",
                    "How long one try to connect, or one question, may take.");
    static final Setting<Duration> HEARTBEAT =
            Setting.of(
                    "rabbitmq.heartbeat",
                    duration(SECOND, HOUR),
                    "10s",
                    "A connection that is silent for twice as long is given up.");

    static final List<Setting<?>> ALL =
            List.of(
                    LOG,
                    ROUTE_PAYLOAD,
                    ROUTE_PARTITIONS,
                    URL,
                    USER,
                    PASSWORD,
                    EXCHANGE,
                    QUEUE_TYPE,
                    PREFETCH,
                    OUTSTANDING_MESSAGES_MAX,
                    PENDING_BYTES_MAX,
                    CONFIRM_TIMEOUT,
                    CONNECT_TIMEOUT,
                    HEARTBEAT);

    private RabbitLogSettingsCatalog() {}
}
