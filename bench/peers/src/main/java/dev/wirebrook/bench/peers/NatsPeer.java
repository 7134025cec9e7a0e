package dev.wirebrook.bench.peers;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;

/**
 * A JetStream stream in files, published to without waiting, a thousand acknowledgements
 * outstanding.
 */
final class NatsPeer implements Peer {
    private static final String STREAM = "peers";
    private static final int NO_SUCH_STREAM = 404;
    private static final long KEPT_BYTES_MAX = 4L << 30;

    private final String url;
    private final Connection connection;

    NatsPeer(String host, int port) throws Exception {
        url = "nats://" + host + ":" + port;
        connection = connect();
        JetStreamManagement streams = connection.jetStreamManagement();
        delete(streams);
        streams.addStream(
                StreamConfiguration.builder()
                        .name(STREAM)
                        .subjects(STREAM)
                        .storageType(StorageType.File)
                        .maxBytes(KEPT_BYTES_MAX)
                        .discardPolicy(DiscardPolicy.Old)
                        .build());
    }

    private Connection connect() throws IOException, InterruptedException {
        return Nats.connect(
                new Options.Builder().server(url).maxMessagesInOutgoingQueue(0).build());
    }

    private static void delete(JetStreamManagement streams)
            throws IOException, JetStreamApiException {
        try {
            streams.deleteStream(STREAM);
        } catch (JetStreamApiException e) {
            if (e.getErrorCode() != NO_SUCH_STREAM) {
                throw e;
            }
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
        Connection own = connect();
        JetStream stream = own.jetStream();
        return new Lane() {
            @Override
            public void send(byte[] message, Receipt receipt) {
                var _ =
                        stream.publishAsync(STREAM, message)
                                .whenComplete((ack, error) -> {
                                    if (error == null) {
                                        receipt.acknowledged();
                                    } else {
                                        receipt.failed(error);
                                    }
                                });
            }

            @Override
            public void disconnect() throws InterruptedException {
                own.close();
            }
        };
    }

    @Override
    public void disconnect() throws Exception {
        delete(connection.jetStreamManagement());
        connection.close();
    }
}
