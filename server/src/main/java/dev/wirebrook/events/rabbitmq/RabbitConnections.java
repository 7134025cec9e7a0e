package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import dev.wirebrook.flow.DirectExecutor;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Connects to the broker of the settings. Connections do not come back by themselves: what was
 * under way on one that is lost is known to its user only. Thread-safe.
 */
final class RabbitConnections {
    private static final int ABORT_MILLIS = 1_000;

    private static final String OTHER_KIND =
            "; a queue of this name was declared in another way: empty and delete it, or name another rabbitmq.exchange";

    private final RabbitSettings settings;
    private final ConnectionFactory factory;

    /**
     * @throws IllegalArgumentException when the URI is none that the client takes
     */
    RabbitConnections(RabbitSettings settings) {
        this.settings = settings;
        factory = new ConnectionFactory();
        try {
            factory.setUri(settings.uri());
            if ("amqps".equals(settings.uri().getScheme())) {
                // As it comes, the client would trust whoever answers.
                factory.useSslProtocol(SSLContext.getDefault());
                factory.enableHostnameVerification();
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "RabbitMQ's address is none that its client takes: " + e.getMessage(), e);
        }
        factory.setUsername(settings.user());
        factory.setPassword(settings.password());
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setConnectionTimeout((int) settings.connectTimeout().toMillis());
        factory.setHandshakeTimeout((int) settings.connectTimeout().toMillis());
        factory.setChannelRpcTimeout((int) settings.connectTimeout().toMillis());
        factory.setRequestedHeartbeat((int) settings.heartbeat().toSeconds());
        // Callbacks here only put aside what came. On the thread that reads the connection they run
        // in the order of what came, answers to calls included.
        factory.setSharedExecutor(new DirectExecutor());
        factory.setExceptionHandler(new QuietHandler());
    }

    /**
     * @param name what the broker's tools show
     * @throws IOException when it does not come about; {@link #reason} has a text for people
     */
    Connection connect(String name) throws IOException, TimeoutException {
        return factory.newConnection("wirebrook " + name);
    }

    /** Closes a connection, without waiting for a broker that does not read it just now. */
    static void end(Connection connection) {
        connection.abort(ABORT_MILLIS);
    }

    /** What went wrong and with whom. Without secrets. */
    String reason(Exception e) {
        Throwable cause = e;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String advice = text.contains("inequivalent arg") ? OTHER_KIND : "";
        return "RabbitMQ at " + settings.address() + ": " + text + advice;
    }

    /** A lost connection is no news: its user finds out, and says so once. */
    private static final class QuietHandler extends DefaultExceptionHandler {
        @Override
        protected void log(String message, Throwable e) {}
    }
}
