package dev.wirebrook.client;

import dev.wirebrook.api.admin.v1.AdminServiceGrpc;
import dev.wirebrook.api.admin.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.wirebrook.api.admin.v1.AwaitStoredRequest;
import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.admin.v1.DrainResponse;
import dev.wirebrook.api.admin.v1.GetCatalogRequest;
import dev.wirebrook.api.admin.v1.GetCatalogResponse;
import dev.wirebrook.api.admin.v1.GetDeadLetterRequest;
import dev.wirebrook.api.admin.v1.GetDeadLetterStatsRequest;
import dev.wirebrook.api.admin.v1.GetDeadLetterStatsResponse;
import dev.wirebrook.api.admin.v1.GetStatusRequest;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ListDeadLettersResponse;
import dev.wirebrook.api.admin.v1.PurgeDeadLettersRequest;
import dev.wirebrook.api.admin.v1.PurgeDeadLettersResponse;
import dev.wirebrook.api.admin.v1.QueryRequest;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import io.grpc.Channel;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * What operators and the command line ask of a server. Calls block, so call from a virtual thread
 * where many wait; failures are {@link io.grpc.StatusRuntimeException}. Of a set of servers, any
 * one answers. An iterator that is not read to its end keeps its call open: to end it before, call
 * within a cancellable {@link io.grpc.Context}. Thread-safe.
 */
public final class AdminClient {
    private final AdminServiceBlockingStub stub;
    private final Duration timeout;

    AdminClient(Channel channel, Duration timeout) {
        this.stub = AdminServiceGrpc.newBlockingStub(channel);
        this.timeout = timeout;
    }

    private AdminServiceBlockingStub timed() {
        return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Version, life-cycle state and the event counts. */
    public GetStatusResponse status() {
        return timed().getStatus(GetStatusRequest.getDefaultInstance());
    }

    /** The descriptors of the event catalogue in force. */
    public GetCatalogResponse catalog() {
        return timed().getCatalog(GetCatalogRequest.getDefaultInstance());
    }

    /**
     * Returns when everything durable before the position can be queried.
     *
     * @param position from an acknowledgement; 0 is what is durable now
     * @param patience after which it fails with DEADLINE_EXCEEDED
     */
    public long awaitStored(long position, Duration patience) {
        return stub.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
                .awaitStored(AwaitStoredRequest.newBuilder().setPosition(position).build())
                .getPosition();
    }

    /**
     * One read-only query. The rows come as they are read; the server goes on only as far as they
     * are.
     *
     * @param rowLimit 0 is the server's
     */
    public Iterator<QueryResponse> query(String sql, long rowLimit) {
        return stub.query(QueryRequest.newBuilder().setSql(sql).setRowLimit(rowLimit).build());
    }

    public ListDeadLettersResponse listDeadLetters(ListDeadLettersRequest request) {
        return timed().listDeadLetters(request);
    }

    /** One dead letter with its bytes. */
    public DeadLetter deadLetter(long letterId) {
        return timed().getDeadLetter(
                        GetDeadLetterRequest.newBuilder().setLetterId(letterId).build())
                .getLetter();
    }

    public GetDeadLetterStatsResponse deadLetterStats() {
        return timed().getDeadLetterStats(GetDeadLetterStatsRequest.getDefaultInstance());
    }

    /** Sends dead letters through the pipeline again; progress about once a second. */
    public Iterator<ReplayDeadLettersResponse> replayDeadLetters(ReplayDeadLettersRequest request) {
        return stub.replayDeadLetters(request);
    }

    public PurgeDeadLettersResponse purgeDeadLetters(PurgeDeadLettersRequest request) {
        return timed().purgeDeadLetters(request);
    }

    /** Takes the node out of rotation, or back in. */
    public DrainResponse drain(DrainRequest request) {
        return timed().drain(request);
    }
}
