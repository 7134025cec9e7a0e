package dev.wirebrook.bench.peers;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A Kafka topic with acks=all: each append forced to the disk, or left to the page cache as by
 * default.
 */
final class KafkaPeer implements Peer {
    private static final int PARTITIONS = 4;
    private static final int WINDOW_BYTES = 4 << 20;

    private final String topic;
    private final String servers;
    private final int window;

    KafkaPeer(String host, int port, boolean forced, Shape shape) throws Exception {
        servers = host + ":" + port;
        topic = "peers-" + System.nanoTime();
        window = WINDOW_BYTES / new Messages(shape).length();
        NewTopic wanted = new NewTopic(topic, PARTITIONS, (short) 1);
        if (forced) {
            wanted.configs(Map.of("flush.messages", "1"));
        }
        try (Admin admin = admin()) {
            admin.createTopics(List.of(wanted)).all().get();
        }
        awaitWritable();
    }

    private Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers));
    }

    /**
     * Writes once to every partition. A new partition may refuse a pipelining producer's first
     * batch and take its second: then the first stays out of sequence for ever.
     */
    private void awaitWritable() throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                producer.send(new ProducerRecord<>(topic, partition, null, new byte[1])).get();
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        256 << 10,
                        ProducerConfig.LINGER_MS_CONFIG,
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @Override
    public int lanes() {
        return 2;
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public Lane open(int lane) {
        return new Producer(topic, producer());
    }

    @Override
    public void disconnect() throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    private static final class Producer implements Lane {
        private final String topic;
        private final KafkaProducer<byte[], byte[]> producer;

        Producer(String topic, KafkaProducer<byte[], byte[]> producer) {
            this.topic = topic;
            this.producer = producer;
        }

        @Override
        public void send(byte[] message, Receipt receipt) {
            var _ =
                    producer.send(
                            new ProducerRecord<>(topic, message),
                            (metadata, error) -> {
                                if (error == null) {
                                    receipt.acknowledged();
                                } else {
                                    receipt.failed(error);
                                }
                            });
        }

        @Override
        public void disconnect() {
            producer.close();
        }
    }
}
