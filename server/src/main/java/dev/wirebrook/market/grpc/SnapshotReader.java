package dev.wirebrook.market.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.market.v1.BatchGetSnapshotsRequest;
import dev.wirebrook.api.market.v1.BatchGetSnapshotsResponse;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.SnapshotResult;
import dev.wirebrook.failure.RequestCheck;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.SnapshotBook;
import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** {@code GetSnapshot} and {@code BatchGetSnapshots}. Thread-safe. */
final class SnapshotReader {
    private static final int BATCH_MAX = 10_000;

    private final SnapshotBook book;
    private final BooleanSupplier stale;

    /**
     * @param stale whether there may be later snapshots than the book's
     */
    SnapshotReader(SnapshotBook book, BooleanSupplier stale) {
        this.book = book;
        this.stale = stale;
    }

    ServerCallHandler<GetSnapshotRequest, byte[]> one() {
        return ServerCalls.asyncUnaryCall(this::getSnapshot);
    }

    ServerCallHandler<BatchGetSnapshotsRequest, byte[]> many() {
        return ServerCalls.asyncUnaryCall(this::batchGetSnapshots);
    }

    private void getSnapshot(GetSnapshotRequest request, StreamObserver<byte[]> response) {
        BookUpdate update = new NamedSymbol(request.getSymbolId(), request.getSymbol()).in(book);
        response.onNext(update.asFirstField(stale.getAsBoolean()));
        response.onCompleted();
    }

    private void batchGetSnapshots(
            BatchGetSnapshotsRequest request, StreamObserver<byte[]> response) {
        int count = request.getSymbolIdsCount() + request.getSymbolsCount();
        new RequestCheck()
                .require(count > 0, "symbol_ids", "is empty, and so is symbols; name some")
                .require(
                        count <= BATCH_MAX,
                        "symbol_ids",
                        "%,d symbols are asked for, and at most %,d are answered"
                                .formatted(count, BATCH_MAX))
                .orThrow();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 * count);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        boolean isStale = stale.getAsBoolean();
        try {
            for (int id : request.getSymbolIdsList()) {
                write(book.find(id), id, "", isStale, out);
            }
            for (String symbol : request.getSymbolsList()) {
                write(book.find(symbol), 0, symbol, isStale, out);
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        response.onNext(bytes.toByteArray());
        response.onCompleted();
    }

    /** A result's first field is the snapshot, which is written as the book has it. */
    private static void write(
            Optional<BookUpdate> found, int id, String symbol, boolean stale, CodedOutputStream out)
            throws IOException {
        SnapshotResult.Builder asked =
                SnapshotResult.newBuilder().setSymbolId(id).setSymbol(symbol);
        ByteString snapshot = ByteString.EMPTY;
        if (found.isPresent()) {
            snapshot = UnsafeByteOperations.unsafeWrap(found.get().asFirstField(stale));
        } else {
            asked.setStatus(Missing.status(id, symbol));
        }
        SnapshotResult rest = asked.build();
        out.writeTag(
                BatchGetSnapshotsResponse.RESULTS_FIELD_NUMBER,
                WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(snapshot.size() + rest.getSerializedSize());
        out.writeRawBytes(snapshot);
        rest.writeTo(out);
    }
}
