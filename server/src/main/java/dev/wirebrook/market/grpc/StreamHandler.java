package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.Answered;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.DeliverySpec;
import dev.wirebrook.market.FanOut;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.Subscription;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code StreamMarketData}: symbols come and go while the updates stream. */
final class StreamHandler implements ServerCallHandler<StreamMarketDataRequest, byte[]> {
    /** Answers that may wait for a reader before its next request is read. */
    private static final int UNSAID_MAX = 16;

    private final FanOuts fanOuts;
    private final SymbolLookup symbols;

    StreamHandler(FanOuts fanOuts, SymbolLookup symbols) {
        this.fanOuts = fanOuts;
        this.symbols = symbols;
    }

    @Override
    public ServerCall.Listener<StreamMarketDataRequest> startCall(
            ServerCall<StreamMarketDataRequest, byte[]> call, Metadata headers) {
        FanOut fanOut = EventLoop.fanOut(fanOuts);
        call.sendHeaders(new Metadata());
        call.request(1);
        return new Stream(call, fanOut);
    }

    private final class Stream extends ServerCall.Listener<StreamMarketDataRequest> {
        private final ServerCall<StreamMarketDataRequest, byte[]> call;
        private final FanOut fanOut;
        private @Nullable Subscription subscription;
        private boolean waits;

        Stream(ServerCall<StreamMarketDataRequest, byte[]> call, FanOut fanOut) {
            this.call = call;
            this.fanOut = fanOut;
        }

        @Override
        public void onMessage(StreamMarketDataRequest request) {
            Subscription known = subscription;
            if (known != null && known.hasEnded()) {
                // Its status may wait for long behind updates that the reader does not take.
                return;
            }
            Subscription open = known == null ? begin(request) : known;
            try {
                change(request, open, known == null);
            } catch (FailureException refused) {
                open.fail(refused.failure());
                return;
            }
            waits = true;
            readOn();
        }

        private Subscription begin(StreamMarketDataRequest request) {
            SubscribeHandler.check(request.getDelivery(), List.of());
            Subscription begun =
                    fanOut.subscribe(
                            DeliverySpec.of(request.getDelivery()),
                            0,
                            new CallOutlet(call, this::readOn));
            subscription = begun;
            return begun;
        }

        private void change(
                StreamMarketDataRequest request, Subscription subscription, boolean first) {
            List<Integer> gone =
                    symbols.ids(
                            "unsubscribe_ids",
                            request.getUnsubscribeIdsList(),
                            request.getUnsubscribeSymbolsList());
            SymbolLookup.Found come =
                    symbols.find(
                            "subscribe_ids",
                            request.getSubscribeIdsList(),
                            request.getSubscribeSymbolsList(),
                            subscription.size());
            if (request.getUnsubscribeAll()) {
                subscription.removeAll();
            }
            if (subscription.hasAll() && !gone.isEmpty()) {
                throw new FailureException(
                        Failure.InvalidRequest.of(
                                "unsubscribe_ids",
                                "names symbols, and all are subscribed; set unsubscribe_all, and subscribe to those that shall stay"));
            }
            subscription.remove(gone);
            boolean recovered =
                    first
                            && request.hasResume()
                            && request.getResume().getEpoch().equals(fanOut.epoch())
                            && subscription.resume(
                                    come.ids(),
                                    request.getSubscribeAll(),
                                    request.getResume().getSequence());
            if (!recovered) {
                subscription.add(come.ids());
                if (request.getSubscribeAll()) {
                    subscription.addAll();
                }
            }
            subscription.named(come.named());
            StreamMarketDataResponse.Builder said =
                    StreamMarketDataResponse.newBuilder().addAllStatuses(come.statuses());
            if (first) {
                said.setStarted(SubscribeHandler.started(fanOut, recovered));
            }
            if (request.getRequestId() != 0) {
                said.setAnswered(
                        Answered.newBuilder()
                                .setRequestId(request.getRequestId())
                                .setSymbols(subscription.size()));
            }
            subscription.say(said.build().toByteArray());
        }

        /**
         * Asks for the next request once few answers wait. Answers go out when the transport takes
         * more, and also in the fan-out's own turns, of which the transport says nothing.
         */
        private void readOn() {
            if (waits && subscription != null && subscription.unsaid() < UNSAID_MAX) {
                waits = false;
                call.request(1);
            }
        }

        @Override
        public void onReady() {
            if (subscription != null) {
                subscription.ready();
                readOn();
            }
        }

        @Override
        public void onHalfClose() {
            // Nothing more will be asked for: the updates of what was go on, until the reader
            // leaves.
            if (subscription == null) {
                new CallOutlet(call, () -> {}).complete();
            }
        }

        @Override
        public void onCancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }
}
