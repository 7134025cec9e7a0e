package dev.wirebrook.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** An append of given bytes that keeps its answer. */
class TestAppend implements PendingAppend {
    /** Where a record stands. */
    record Placed(long position, long endPosition) {}

    /** The answer "no". */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient JournalRefusal refusal;

        RefusedException(JournalRefusal refusal) {
            super(refusal.toString());
            this.refusal = refusal;
        }

        JournalRefusal refusal() {
            return refusal;
        }
    }

    final byte[] payload;
    final CompletableFuture<Placed> answer = new CompletableFuture<>();
    private final Executor executor;

    TestAppend(byte[] payload, Executor executor) {
        this.payload = payload;
        this.executor = executor;
    }

    static TestAppend of(byte[] payload) {
        return new TestAppend(payload, Runnable::run);
    }

    static TestAppend of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    TestAppend to(Journal journal) {
        journal.append(this);
        return this;
    }

    Placed durable() {
        try {
            return answer.get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("not durable: " + e, e);
        }
    }

    JournalRefusal refusal() {
        try {
            Placed placed = answer.get(20, TimeUnit.SECONDS);
            throw new AssertionError("not refused but " + placed);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                return refused.refusal();
            }
            throw new AssertionError(e);
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    @Override
    public int length() {
        return payload.length;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        target.put(payload);
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public void onDurable(long position, long endPosition) {
        if (!answer.complete(new Placed(position, endPosition))) {
            throw new AssertionError("answered twice");
        }
    }

    @Override
    public void onRefused(JournalRefusal refusal) {
        if (!answer.completeExceptionally(new RefusedException(refusal))) {
            throw new AssertionError("answered twice");
        }
    }
}
