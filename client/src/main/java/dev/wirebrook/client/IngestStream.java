package dev.wirebrook.client;

import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.client.RawRequests.IngestFrame;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.EventLoop;

/**
 * One call of {@code Ingest}. Sends are made under the owner's lock; what comes back is handed on
 * without any.
 */
final class IngestStream extends ClientCall.Listener<IngestResponse> {
    private final ClientCall<IngestFrame, IngestResponse> call;
    private final EventLoop loop;
    private final boolean reportDuplicates;
    private final Owner owner;
    private boolean first = true;

    IngestStream(Channel channel, EventLoop loop, boolean reportDuplicates, Owner owner) {
        this.call = channel.newCall(RawRequests.INGEST, CallOptions.DEFAULT);
        this.loop = loop;
        this.reportDuplicates = reportDuplicates;
        this.owner = owner;
    }

    void start() {
        call.start(this, new Metadata());
        // Answers are fewer than batches, and those are bounded by the window.
        call.request(Integer.MAX_VALUE);
    }

    void send(long sequence, EventBatch batch) {
        call.sendMessage(new IngestFrame(sequence, batch, first && reportDuplicates));
        first = false;
    }

    void halfClose() {
        call.halfClose();
    }

    @Override
    public void onMessage(IngestResponse response) {
        owner.answered(response, this);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        // Never within start or send, which the owner calls with its lock held.
        loop.execute(() -> owner.ended(status, trailers, this));
    }

    /** Who sends on the stream. */
    interface Owner {
        void answered(IngestResponse response, IngestStream from);

        void ended(Status status, Metadata trailers, IngestStream stream);
    }
}
