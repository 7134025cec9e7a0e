package dev.wirebrook.bench.peers;

import java.util.List;
import java.util.Set;

/**
 * A row of the report: an engine in one mode.
 *
 * @param engine its name for {@code bench/peers/engines}
 * @param acknowledges when a message counts
 */
record Contender(
        String engine, String title, String acknowledges, Set<Shape> shapes, Factory factory) {
    private static final String FORCED = "forced to disk";
    private static final String CONFIRMED = "confirmed by a quorum queue";
    private static final Set<Shape> BOTH = Set.of(Shape.values());

    static final List<Contender> ALL =
            List.of(
                    new Contender(
                            "wirebrook",
                            "Wirebrook, a call per message",
                            FORCED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.DISPATCH, shape)),
                    new Contender(
                            "wirebrook",
                            "Wirebrook, streams",
                            FORCED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.INGEST, shape)),
                    new Contender(
                            "wirebrook-rabbitmq",
                            "Wirebrook on RabbitMQ, a call per message",
                            CONFIRMED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.DISPATCH, shape)),
                    new Contender(
                            "wirebrook-rabbitmq",
                            "Wirebrook on RabbitMQ, streams",
                            CONFIRMED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.INGEST, shape)),
                    new Contender(
                            "wirebrook-rabbitmq-unstored",
                            "Wirebrook on RabbitMQ, a call per message, its sink away",
                            CONFIRMED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.DISPATCH, shape)),
                    new Contender(
                            "wirebrook-rabbitmq-unstored",
                            "Wirebrook on RabbitMQ, streams, its sink away",
                            CONFIRMED,
                            BOTH,
                            (host, port, shape) ->
                                    new WirebrookPeer(
                                            host, port, WirebrookPeer.Mode.INGEST, shape)),
                    new Contender(
                            "rabbitmq",
                            "RabbitMQ quorum queue, confirms",
                            FORCED,
                            BOTH,
                            (host, port, shape) -> new RabbitPeer(host, port, "quorum")),
                    new Contender(
                            "rabbitmq",
                            "RabbitMQ classic durable queue, confirms",
                            FORCED,
                            BOTH,
                            (host, port, shape) -> new RabbitPeer(host, port, "classic")),
                    new Contender(
                            "nats",
                            "NATS JetStream, file",
                            "written, not forced",
                            BOTH,
                            (host, port, shape) -> new NatsPeer(host, port)),
                    new Contender(
                            "redis",
                            "Redis stream, appendfsync always, pipelines of 64",
                            FORCED,
                            BOTH,
                            (host, port, shape) -> new RedisPeer(host, port)),
                    new Contender(
                            "kafka",
                            "Kafka, acks=all, flush.messages=1",
                            FORCED,
                            BOTH,
                            (host, port, shape) -> new KafkaPeer(host, port, true, shape)),
                    new Contender(
                            "kafka",
                            "Kafka, acks=all",
                            "in the page cache",
                            BOTH,
                            (host, port, shape) -> new KafkaPeer(host, port, false, shape)),
                    postgres(
                            "PostgreSQL INSERT, a commit per message",
                            PostgresPeer.Mode.INSERT,
                            BOTH),
                    postgres(
                            "PostgreSQL COPY, a commit per message",
                            PostgresPeer.Mode.COPY,
                            Set.of(Shape.BATCH)),
                    postgres(
                            "PostgreSQL COPY, a commit per 10,000 rows",
                            PostgresPeer.Mode.COPY_BULK,
                            Set.of(Shape.BATCH)));

    private static Contender postgres(String title, PostgresPeer.Mode mode, Set<Shape> shapes) {
        return new Contender(
                "postgres",
                title,
                "forced to disk, in a table",
                shapes,
                (host, port, shape) -> new PostgresPeer(host, port, mode, shape));
    }

    Peer connect(String host, int port, Shape shape) throws Exception {
        return factory.connect(host, port, shape);
    }

    @FunctionalInterface
    interface Factory {
        Peer connect(String host, int port, Shape shape) throws Exception;
    }
}
