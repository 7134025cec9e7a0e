package dev.wirebrook.bench.peers;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A RabbitMQ queue: persistent messages, publisher confirms, a thousand outstanding per connection.
 */
final class RabbitPeer implements Peer {
    private static final String QUEUE = "peers";

    private final Connection connection;
    private final ConnectionFactory factory = new ConnectionFactory();

    /**
     * @param type {@code quorum} or {@code classic}
     */
    RabbitPeer(String host, int port, String type) throws Exception {
        factory.setHost(host);
        factory.setPort(port);
        connection = factory.newConnection("peers-queue");
        try (Channel channel = connection.createChannel()) {
            channel.queueDelete(QUEUE);
            channel.queueDeclare(QUEUE, true, false, false, Map.of("x-queue-type", type));
        }
    }

    @Override
    public int lanes() {
        return 4;
    }

    @Override
    public int window() {
        return 1_000;
    }

    @Override
    public Lane open(int lane) throws Exception {
        return new ConfirmedChannel(factory.newConnection("peers-" + lane));
    }

    @Override
    public void disconnect() throws Exception {
        try (Channel channel = connection.createChannel()) {
            channel.queueDelete(QUEUE);
        }
        connection.close();
    }

    private static final class ConfirmedChannel implements Lane {
        private final Connection connection;
        private final Channel channel;
        private final ConcurrentNavigableMap<Long, Receipt> outstanding =
                new ConcurrentSkipListMap<>();

        ConfirmedChannel(Connection connection) throws IOException {
            this.connection = connection;
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addConfirmListener(
                    this::confirmed,
                    (tag, multiple) ->
                            outstanding
                                    .values()
                                    .forEach(r -> r.failed(new IOException("refused: " + tag))));
        }

        @Override
        public void send(byte[] message, Receipt receipt) throws IOException {
            outstanding.put(channel.getNextPublishSeqNo(), receipt);
            channel.basicPublish(
                    "", QUEUE, true, MessageProperties.MINIMAL_PERSISTENT_BASIC, message);
        }

        private void confirmed(long tag, boolean multiple) {
            if (multiple) {
                ConcurrentNavigableMap<Long, Receipt> upTo = outstanding.headMap(tag, true);
                upTo.values().forEach(Receipt::acknowledged);
                upTo.clear();
            } else {
                Receipt receipt = outstanding.remove(tag);
                if (receipt != null) {
                    receipt.acknowledged();
                }
            }
        }

        @Override
        public void disconnect() throws IOException {
            connection.close();
        }
    }
}
