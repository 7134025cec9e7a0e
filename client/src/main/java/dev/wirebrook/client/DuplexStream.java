package dev.wirebrook.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.netty.channel.EventLoop;

/**
 * One call with requests and responses. Sends are made under the owner's lock; what comes back is
 * handed on without any.
 *
 * @param <Q> the requests
 * @param <R> the responses
 */
final class DuplexStream<Q, R> extends ClientCall.Listener<R> {
    private final ClientCall<Q, R> call;
    private final EventLoop loop;
    private final Owner<Q, R> owner;

    DuplexStream(
            Channel channel, MethodDescriptor<Q, R> method, EventLoop loop, Owner<Q, R> owner) {
        this.call = channel.newCall(method, CallOptions.DEFAULT);
        this.loop = loop;
        this.owner = owner;
    }

    /**
     * @param responses that may come before {@link #request}
     */
    void start(int responses) {
        call.start(this, new Metadata());
        call.request(responses);
    }

    void send(Q request) {
        call.sendMessage(request);
    }

    /** So many more responses may come. Any thread. */
    void request(int responses) {
        call.request(responses);
    }

    void halfClose() {
        call.halfClose();
    }

    void cancel() {
        call.cancel("closed by its owner", null);
    }

    @Override
    public void onHeaders(Metadata headers) {
        owner.opened(this);
    }

    @Override
    public void onMessage(R response) {
        owner.received(response, this);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        // Never within start or send, which the owner calls with its lock held.
        loop.execute(() -> owner.ended(status, trailers, this));
    }

    /** Whose stream it is. Called on the network thread. */
    interface Owner<Q, R> {
        /**
         * The server has taken the call: what is sent from now on reaches it or is lost with it.
         */
        void opened(DuplexStream<Q, R> stream);

        void received(R response, DuplexStream<Q, R> stream);

        void ended(Status status, Metadata trailers, DuplexStream<Q, R> stream);
    }
}
