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
import java.time.InstantSource;
import java.util.Optional;

/** {@code GetHistory}. Blocks while the warehouse answers. */
final class HistoryHandler implements ServerCalls.UnaryMethod<GetHistoryRequest, byte[]> {
    private final SnapshotBook book;
    private final CandleSource candles;
    private final InstantSource clock;

    private HistoryHandler(SnapshotBook book, CandleSource candles, InstantSource clock) {
        this.clock = clock;
        this.book = book;
        this.candles = candles;
    }

    static ServerCallHandler<GetHistoryRequest, byte[]> over(
            SnapshotBook book, CandleSource candles, InstantSource clock) {
        return ServerCalls.asyncUnaryCall(new HistoryHandler(book, candles, clock));
    }

    @Override
    public void invoke(GetHistoryRequest request, StreamObserver<byte[]> response) {
        CandleRange range = CandleRange.of(symbolId(request), request, clock.instant());
        response.onNext(
                GetHistoryResponse.newBuilder()
                        .addAllCandles(candles.candles(range))
                        .build()
                        .toByteArray());
        response.onCompleted();
    }

    /** An id may have a history that the book has forgotten; a symbol is known by the book only. */
    private int symbolId(GetHistoryRequest request) {
        NamedSymbol symbol = new NamedSymbol(request.getSymbolId(), request.getSymbol());
        Optional<BookUpdate> found = symbol.find(book);
        if (request.getSymbolId() != 0) {
            return request.getSymbolId();
        }
        return found.orElseThrow(() -> new FailureException(Missing.of(0, request.getSymbol())))
                .symbolId();
    }
}
