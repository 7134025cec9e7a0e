package dev.wirebrook.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A call without a transport: the caller's messages as bytes go straight to the guarded handler,
 * and its answers straight back. Flow control is as gRPC has it: the handler asks for requests, and
 * is ready while few of its responses wait.
 *
 * <p>The caller's side is confined to the event loop on which the call began. The handler's side
 * may be used by one thread at a time, as any {@link ServerCall}.
 */
public final class LocalCall<Q, R> extends ServerCall<Q, R> {
    /** Bytes that may wait for the caller before the handler is not ready any more. */
    private static final int WAITING_BYTES_MAX = 64 << 10;

    private final MethodDescriptor<Q, R> method;
    private final LocalCalls calls;
    private final EventLoops.Loop loop;
    private final SerialExecutor inOrder;
    private final Attributes attributes;
    private final Answers answers;
    private final Context.CancellableContext context;

    // Confined to the loop.
    private final Queue<byte[]> requests = new ArrayDeque<>();
    private ServerCall.@Nullable Listener<Q> listener;
    private @Nullable Boolean endToTell;
    private int requested;
    private boolean halfClosed;
    private boolean toldHalfClose;
    private boolean over;

    // Written by the handler, read by all.
    private volatile boolean closed;
    private volatile boolean cancelled;

    private volatile boolean paused;
    private final AtomicInteger waitingBytes = new AtomicInteger();

    /** Hears the answers of a call, on the event loop on which it began. */
    public interface Answers {
        void headers(Metadata headers);

        void message(byte[] message);

        /** The last that is heard. */
        void closed(Status status, Metadata trailers);
    }

    private LocalCall(
            MethodDescriptor<Q, R> method,
            LocalCalls calls,
            EventLoops.Loop loop,
            Connection connection,
            Answers answers,
            Context.CancellableContext context) {
        this.method = method;
        this.calls = calls;
        this.loop = loop;
        this.answers = answers;
        this.context = context;
        inOrder = new SerialExecutor(loop);
        attributes = connection.attributes();
    }

    static <Q, R> LocalCall<Q, R> start(
            ServerMethodDefinition<Q, R> method,
            LocalCalls calls,
            EventLoops.Loop loop,
            Connection connection,
            Metadata headers,
            Optional<Duration> timeout,
            ElementFaults faults,
            Answers answers) {
        Context root = faults.in(Context.ROOT);
        Context.CancellableContext context =
                timeout.isPresent()
                        ? root.withDeadline(
                                Deadline.after(timeout.get().toNanos(), TimeUnit.NANOSECONDS),
                                loop.timer())
                        : root.withCancellation();
        LocalCall<Q, R> call =
                new LocalCall<>(
                        method.getMethodDescriptor(), calls, loop, connection, answers, context);
        calls.started();
        if (timeout.isPresent()) {
            context.addListener(_ -> call.contextCancelled(), call.inOrder);
        }
        Context before = context.attach();
        try {
            call.listener = method.getServerCallHandler().startCall(call, headers);
        } finally {
            context.detach(before);
        }
        Boolean ended = call.endToTell;
        if (ended != null) {
            call.tell(ended);
        }
        if (!call.method.getType().serverSendsOneMessage()) {
            call.becameReady();
        }
        call.deliver();
        return call;
    }

    // The caller's side.

    /** Sends a request. The array must not change any more. */
    public void send(byte[] message) {
        requests.add(message);
        deliver();
    }

    /** No more requests come. */
    public void halfClose() {
        halfClosed = true;
        deliver();
    }

    /** Nobody waits for the answer any more. Without effect when there was one. */
    public void cancel() {
        if (!over) {
            end();
            context.cancel(Status.CANCELLED.asException());
            tell(true);
        }
    }

    /** Whether responses may come, or should wait where they are made. */
    public void pause(boolean wanted) {
        boolean resumes = paused && !wanted;
        paused = wanted;
        if (resumes) {
            becameReady();
        }
    }

    private void contextCancelled() {
        Deadline deadline = context.getDeadline();
        if (!over && deadline != null && deadline.isExpired()) {
            end();
            FailureStatus late = FailureStatus.of(CallTimeouts.deadlinePassed());
            answers.closed(late.status(), late.trailers());
            tell(true);
        }
    }

    private void end() {
        over = true;
        cancelled = true;
        requests.clear();
        calls.ended();
    }

    private void tell(boolean cancelledByCaller) {
        ServerCall.Listener<Q> told = listener;
        if (told == null) {
            // It ended before its start was through.
            endToTell = cancelledByCaller;
        } else {
            run(cancelledByCaller ? told::onCancel : told::onComplete);
        }
    }

    private void deliver() {
        ServerCall.Listener<Q> told = listener;
        while (told != null && !over && requested > 0 && !requests.isEmpty()) {
            requested--;
            Q message = method.parseRequest(RawMarshaller.INSTANCE.stream(requests.remove()));
            run(() -> told.onMessage(message));
        }
        if (told != null && !over && halfClosed && requests.isEmpty() && !toldHalfClose) {
            toldHalfClose = true;
            run(told::onHalfClose);
        }
    }

    private void run(Runnable event) {
        Context before = context.attach();
        try {
            event.run();
        } finally {
            context.detach(before);
        }
    }

    private void becameReady() {
        ServerCall.Listener<Q> told = listener;
        if (told != null && !over && isReady()) {
            run(told::onReady);
        }
    }

    // The handler's side.

    @Override
    public void request(int count) {
        onLoop(() -> {
            requested += count;
            deliver();
        });
    }

    @Override
    public void sendHeaders(Metadata headers) {
        onLoop(() -> {
            if (!over) {
                answers.headers(headers);
            }
        });
    }

    @Override
    public void sendMessage(R message) {
        byte[] bytes = bytes(method.streamResponse(message));
        waitingBytes.addAndGet(bytes.length);
        onLoop(() -> {
            if (!over) {
                answers.message(bytes);
            }
            // In one step: the handler may add more and look whether it is ready at any time.
            int left = waitingBytes.addAndGet(-bytes.length);
            if (left <= WAITING_BYTES_MAX && left + bytes.length > WAITING_BYTES_MAX) {
                becameReady();
            }
        });
    }

    private static byte[] bytes(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean isReady() {
        return !closed && !cancelled && !paused && waitingBytes.get() <= WAITING_BYTES_MAX;
    }

    @Override
    public void close(Status status, Metadata trailers) {
        closed = true;
        onLoop(() -> {
            if (!over) {
                end();
                answers.closed(status, trailers);
                tell(false);
                context.cancel(null);
            }
        });
    }

    /** At once where that is in order: most handlers answer on the loop. */
    private void onLoop(Runnable action) {
        if (EventLoops.currentLoop() == loop && inOrder.isIdle()) {
            action.run();
        } else {
            inOrder.execute(action);
        }
    }

    @Override
    public boolean isCancelled() {
        return cancelled && !closed;
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
        return method;
    }
}
