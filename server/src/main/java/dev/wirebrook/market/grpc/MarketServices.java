package dev.wirebrook.market.grpc;

import com.google.protobuf.Message;
import dev.wirebrook.api.market.v1.BatchGetSnapshotsRequest;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketProto;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.ResetSnapshotRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.UploadSnapshotsRequest;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.ProtoService;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.market.CandleSource;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.ServerCallHandler;
import io.grpc.protobuf.ProtoUtils;

/**
 * The market service as the gRPC server hosts it. Responses are the bytes that the book has; only
 * {@code GetHistory} blocks.
 */
public final class MarketServices {
    private static final String SERVICE = "MarketDataService";

    private final FanOuts fanOuts;
    private final OpenStreams openStreams = new OpenStreams();
    private final HostedService hosted;

    /**
     * @param candles of what was published
     * @param symbolsMax that one subscription may have
     */
    public MarketServices(
            SnapshotBook book,
            FanOuts fanOuts,
            SnapshotPublisher publisher,
            CandleSource candles,
            int symbolsMax) {
        this.fanOuts = fanOuts;
        ProtoService market =
                ProtoService.of(MarketProto.getDescriptor().findServiceByName(SERVICE));
        SnapshotReader reader = new SnapshotReader(book, fanOuts::isStale);
        parsed(market, "GetSnapshot", GetSnapshotRequest.getDefaultInstance(), reader.one());
        parsed(
                market,
                "BatchGetSnapshots",
                BatchGetSnapshotsRequest.getDefaultInstance(),
                reader.many());
        SymbolLookup symbols = new SymbolLookup(book, symbolsMax);
        parsed(
                market,
                "SubscribeSnapshots",
                SubscribeSnapshotsRequest.getDefaultInstance(),
                new SubscribeHandler(fanOuts, symbols));
        parsed(
                market,
                "StreamMarketData",
                StreamMarketDataRequest.getDefaultInstance(),
                new StreamHandler(fanOuts, symbols));
        parsed(
                market,
                "PublishSnapshots",
                PublishSnapshotsRequest.getDefaultInstance(),
                new PublishHandler(publisher, openStreams));
        parsed(
                market,
                "UploadSnapshots",
                UploadSnapshotsRequest.getDefaultInstance(),
                new UploadHandler(publisher, openStreams));
        parsed(
                market,
                "PutSnapshots",
                PutSnapshotsRequest.getDefaultInstance(),
                PutHandler.over(publisher));
        parsed(
                market,
                "ResetSnapshot",
                ResetSnapshotRequest.getDefaultInstance(),
                ResetHandler.over(book, publisher));
        parsed(
                market,
                "GetHistory",
                GetHistoryRequest.getDefaultInstance(),
                HistoryHandler.over(book, candles, fanOuts.clock()));
        hosted =
                HostedService.of(market.build())
                        .onEventLoop(
                                "GetSnapshot",
                                "BatchGetSnapshots",
                                "SubscribeSnapshots",
                                "StreamMarketData",
                                "PublishSnapshots",
                                "UploadSnapshots",
                                "PutSnapshots",
                                "ResetSnapshot")
                        .judging(PutHandler.VERDICTS, "PutSnapshots")
                        .requires(
                                Scope.MARKET_READ,
                                "GetSnapshot",
                                "BatchGetSnapshots",
                                "SubscribeSnapshots",
                                "StreamMarketData",
                                "GetHistory")
                        .requires(
                                Scope.MARKET_PUBLISH,
                                "PublishSnapshots",
                                "UploadSnapshots",
                                "PutSnapshots")
                        .requires(Scope.ADMIN_WRITE, "ResetSnapshot");
    }

    public HostedService hosted() {
        return hosted;
    }

    /** Ends open streams: a publisher's when all that it sent so far is acknowledged. */
    public void endStreams(Failure reason) {
        openStreams.endAll(reason);
        fanOuts.endAll(reason);
    }

    private static <Q extends Message> void parsed(
            ProtoService service, String method, Q request, ServerCallHandler<Q, byte[]> handler) {
        service.method(method, ProtoUtils.marshaller(request), RawMarshaller.INSTANCE, handler);
    }
}
