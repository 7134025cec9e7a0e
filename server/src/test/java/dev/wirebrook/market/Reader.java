package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The far end of a subscription: a transport that takes so many messages and no more, and a reader
 * that keeps to the contract's words, and checks what it is sent as it comes.
 */
final class Reader implements Outlet {
    final List<SubscribeSnapshotsResponse> messages = new ArrayList<>();
    final List<Update> updates = new ArrayList<>();

    /** By symbol: what it makes of the updates. */
    final Map<Integer, Snapshot> known = new HashMap<>();

    private final Map<Integer, Long> delivered = new HashMap<>();
    private final Map<Integer, Long> conflated = new HashMap<>();

    int room = Integer.MAX_VALUE;
    boolean completed;
    @Nullable Failure failure;
    long progress;

    @Override
    public boolean isReady() {
        return room > 0;
    }

    @Override
    public void send(byte[] message) {
        assertThat(room).as("written to only while it is ready").isPositive();
        assertThat(completed || failure != null).as("written to after its end").isFalse();
        room--;
        try {
            SubscribeSnapshotsResponse response = SubscribeSnapshotsResponse.parseFrom(message);
            messages.add(response);
            response.getUpdatesList().forEach(this::take);
            if (response.hasProgress()) {
                assertThat(response.getProgress().getSequence()).isGreaterThanOrEqualTo(progress);
                progress = response.getProgress().getSequence();
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private void take(Update update) {
        updates.add(update);
        Snapshot snapshot = update.getSnapshot();
        int id = snapshot.getSymbolId();
        Snapshot before = known.get(id);
        delivered.merge(id, 1L, Long::sum);
        conflated.merge(id, update.getConflated(), Long::sum);
        if (before != null) {
            assertThat(snapshot.getSequence()).isGreaterThan(before.getSequence());
        }
        if (update.getPreviousSequence() == 0) {
            known.put(id, snapshot);
        } else {
            assertThat(before).as("an update that follows on nothing").isNotNull();
            assertThat(update.getPreviousSequence()).isEqualTo(before.getSequence());
            known.put(id, SnapshotFields.merged(before, snapshot).build());
        }
    }

    /** What it knows of a symbol; nothing but the default when it knows nothing. */
    Snapshot snapshot(int id) {
        return known.getOrDefault(id, Snapshot.getDefaultInstance());
    }

    long delivered(int id) {
        return delivered.getOrDefault(id, 0L);
    }

    /** Updates of a symbol that were sent, or told as conflated. */
    long accounted(int id) {
        return delivered(id) + conflated.getOrDefault(id, 0L);
    }

    /** Forgets a symbol, as one does that has unsubscribed. */
    void forget(int id) {
        known.remove(id);
        delivered.remove(id);
        conflated.remove(id);
    }

    @Override
    public void complete() {
        completed = true;
    }

    @Override
    public void fail(Failure reason) {
        failure = reason;
    }
}
