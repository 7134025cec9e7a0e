package dev.wirebrook.grpc;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The threads that read and write the sockets, by epoll where there is epoll. Thread-safe. */
public final class EventLoops implements AutoCloseable {
    private static final ThreadLocal<Loop> CURRENT = new ThreadLocal<>();
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> loops;
    private final boolean epoll;

    private EventLoops(MultiThreadIoEventLoopGroup group, List<Loop> loops, boolean epoll) {
        this.group = group;
        this.loops = List.copyOf(loops);
        this.epoll = epoll;
    }

    /**
     * @param count threads; 0 takes one per core
     */
    static EventLoops start(int count) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        int threads = count == 0 ? Runtime.getRuntime().availableProcessors() : count;
        MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("grpc-loop", true), factory);
        List<Loop> loops = new ArrayList<>();
        for (EventExecutor executor : group) {
            Loop loop = new Loop((EventLoop) executor);
            executor.execute(() -> CURRENT.set(loop));
            loops.add(loop);
        }
        return new EventLoops(group, loops, epoll);
    }

    /**
     * The event loop that runs this code, or null when none does. One and the same object for each
     * loop, so that work for a loop can be grouped by it. It takes tasks for ever: once its loop
     * has ended they run at once on the thread that brings them.
     */
    public static @Nullable Executor current() {
        return CURRENT.get();
    }

    /**
     * Runs tasks on the event loop that runs this code, after it has looked at its sockets, or null
     * when none does. For work that goes on: tasks that bring about tasks keep a loop from its
     * sockets for up to a second. Else as {@link #current}.
     */
    public static @Nullable Executor nextTurn() {
        Loop current = CURRENT.get();
        return current == null ? null : current.nextTurn;
    }

    /** As {@link #current()}, and the other where no event loop runs this code. */
    public static Executor currentOr(Executor other) {
        Executor current = CURRENT.get();
        return current == null ? other : current;
    }

    static @Nullable Loop currentLoop() {
        return CURRENT.get();
    }

    /** Bytes held for messages that are not whole, over all loops. */
    long unfinishedBytes() {
        return loops.stream().mapToLong(loop -> loop.unfinished.bytes()).sum();
    }

    public MultiThreadIoEventLoopGroup group() {
        return group;
    }

    public Supplier<ServerChannel> serverChannels() {
        return epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
    }

    /** Hands each loop to the action. */
    public void each(Consumer<EventLoop> action) {
        loops.forEach(loop -> action.accept(loop.loop));
    }

    int count() {
        return loops.size();
    }

    /** Such as {@code epoll x2}. */
    String description() {
        return (epoll ? "epoll x" : "nio x") + count();
    }

    /** Ends the loops when what they have been given is done. */
    @Override
    public void close() {
        group.shutdownGracefully(0, STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(STOP_TIMEOUT.toMillis());
    }

    /** One event loop, and what is kept for it. */
    static final class Loop implements Executor {
        private final EventLoop loop;
        private final Executor nextTurn = this::executeNextTurn;
        final Unfinished unfinished = new Unfinished();

        // Confined to the loop.
        @Nullable Arrival newestArrival;

        /** How often a socket was read, and how large the newest read's buffer is. */
        long reads;

        int readCapacityBytes;

        private Loop(EventLoop loop) {
            this.loop = loop;
        }

        ScheduledExecutorService timer() {
            return loop;
        }

        @Override
        public void execute(Runnable task) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                task.run();
            }
        }

        /** What is scheduled during a turn is looked for at the next. */
        private void executeNextTurn(Runnable task) {
            try {
                var _ = loop.schedule(task, 0, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                task.run();
            }
        }
    }
}
