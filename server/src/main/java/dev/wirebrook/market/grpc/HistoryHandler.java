package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.GetHistoryResponse;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.CandleRange;
import dev.wirebrook.market.CandleSource;
import dev.wirebrook.market.SnapshotBook;
import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** {@code GetHistory}. Blocks while the warehouse answers. */
final class HistoryHandler implements ServerCalls.UnaryMethod<GetHistoryRequest, byte[]> {
    private final SnapshotBook book;
    private final CandleSource candles;

    private HistoryHandler(SnapshotBook book, CandleSource candles) {
        this.book = book;
        this.candles = candles;
    }

    static ServerCallHandler<GetHistoryRequest, byte[]> over(
            SnapshotBook book, CandleSource candles) {
        return ServerCalls.asyncUnaryCall(new HistoryHandler(book, candles));
    }

    @Override
    public void invoke(GetHistoryRequest request, StreamObserver<byte[]> response) {
        CandleRange range = CandleRange.of(symbolId(request), request);
        response.onNext(
                GetHistoryResponse.newBuilder()
                        .addAllCandles(candles.candles(range))
                        .build()
                        .toByteArray());
        response.onCompleted();
    }

    /** An id may have a history that the book has forgotten; a symbol is known by the book only. */
    private int symbolId(GetHistoryRequest request) {
        if (request.getSymbolId() != 0) {
            return request.getSymbolId();
        }
        if (request.getSymbol().isEmpty()) {
            throw new FailureException(Missing.unnamed());
        }
        return book.find(request.getSymbol())
                .map(BookUpdate::symbolId)
                .orElseThrow(() -> new FailureException(Missing.of(0, request.getSymbol())));
    }
}
