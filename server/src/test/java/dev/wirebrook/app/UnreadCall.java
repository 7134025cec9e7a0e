package dev.wirebrook.app;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/** A call whose client sends whatever it likes, and takes no answer until it is told to. */
final class UnreadCall<Q, A> {
    private final ClientCall<Q, A> call;
    private final Gathered<A> answers = new Gathered<>();

    private UnreadCall(ClientCall<Q, A> call) {
        this.call = call;
    }

    static <Q, A> UnreadCall<Q, A> start(Channel channel, MethodDescriptor<Q, A> method) {
        UnreadCall<Q, A> unread = new UnreadCall<>(channel.newCall(method, CallOptions.DEFAULT));
        unread.call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(A answer) {
                        unread.answers.onNext(answer);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        unread.answers.end.complete(status);
                    }
                },
                new Metadata());
        return unread;
    }

    /** Whether what is sent goes out, rather than pile up since the server does not read it. */
    boolean isReady() {
        return call.isReady();
    }

    void send(Q request) {
        call.sendMessage(request);
    }

    /** Sends nothing more, and takes all that comes. */
    Gathered<A> read() {
        call.halfClose();
        call.request(Integer.MAX_VALUE);
        return answers;
    }
}
