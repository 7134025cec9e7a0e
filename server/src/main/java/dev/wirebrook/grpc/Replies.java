package dev.wirebrook.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The four ways to answer a call, for services on generated stubs; each is called before the stub's
 * method returns. Streams go as fast as their client reads, so that a slow one costs no memory, and
 * stop when it is gone or its time is up. What the functions throw ends the call, with the status
 * of its {@link dev.wirebrook.failure.FailureException}.
 *
 * <p>The functions of a call run one at a time, where the method runs: they may block on a virtual
 * thread, and may not on the event loop.
 */
public final class Replies {
    private Replies() {}

    /** One response to one request. */
    public static <R> void one(StreamObserver<R> responses, R response) {
        responses.onNext(response);
        responses.onCompleted();
    }

    /**
     * Many responses to one request.
     *
     * @param source asked for a response when the client takes one, and not before
     */
    public static <R> void many(StreamObserver<R> responses, Iterator<? extends R> source) {
        ServerCallStreamObserver<R> client = (ServerCallStreamObserver<R>) responses;
        client.setOnReadyHandler(
                new Runnable() {
                    private boolean completed;

                    @Override
                    public void run() {
                        while (client.isReady() && source.hasNext()) {
                            client.onNext(source.next());
                        }
                        if (client.isReady() && !completed) {
                            completed = true;
                            client.onCompleted();
                        }
                    }
                });
    }

    /**
     * One response to many requests.
     *
     * @param request takes each of them, in order
     * @param response asked when there are no more; never when the client goes away before
     */
    public static <Q, R> StreamObserver<Q> toAll(
            StreamObserver<R> responses, Consumer<? super Q> request, Supplier<R> response) {
        return new StreamObserver<>() {
            @Override
            public void onNext(Q next) {
                request.accept(next);
            }

            @Override
            public void onError(Throwable gone) {}

            @Override
            public void onCompleted() {
                one(responses, response.get());
            }
        };
    }

    /**
     * A response to each of many requests, in order; the next request is read when the client takes
     * another response.
     */
    public static <Q, R> StreamObserver<Q> toEach(
            StreamObserver<R> responses, Function<? super Q, ? extends R> response) {
        return new Conversation<>((ServerCallStreamObserver<R>) responses, response);
    }

    private static final class Conversation<Q, R> implements StreamObserver<Q> {
        private final ServerCallStreamObserver<R> client;
        private final Function<? super Q, ? extends R> response;
        // Else a client that drains fast would be asked twice: here, and by the transport's word.
        private boolean waiting = true;

        Conversation(
                ServerCallStreamObserver<R> client, Function<? super Q, ? extends R> response) {
            this.client = client;
            this.response = response;
            client.disableAutoRequest();
            client.setOnReadyHandler(this::readOn);
        }

        private void readOn() {
            if (waiting && client.isReady()) {
                waiting = false;
                client.request(1);
            }
        }

        @Override
        public void onNext(Q request) {
            client.onNext(response.apply(request));
            waiting = true;
            readOn();
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {
            client.onCompleted();
        }
    }
}
