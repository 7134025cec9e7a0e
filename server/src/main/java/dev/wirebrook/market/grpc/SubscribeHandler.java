package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.market.DeliverySpec;
import dev.wirebrook.market.FanOut;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.Subscription;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code SubscribeSnapshots}: one request, then updates for as long as the reader likes. */
final class SubscribeHandler implements ServerCallHandler<SubscribeSnapshotsRequest, byte[]> {
    private final FanOuts fanOuts;
    private final SymbolLookup symbols;

    SubscribeHandler(FanOuts fanOuts, SymbolLookup symbols) {
        this.fanOuts = fanOuts;
        this.symbols = symbols;
    }

    @Override
    public ServerCall.Listener<SubscribeSnapshotsRequest> startCall(
            ServerCall<SubscribeSnapshotsRequest, byte[]> call, Metadata headers) {
        FanOut fanOut = EventLoop.fanOut(fanOuts);
        call.request(2);
        return new ServerCall.Listener<>() {
            private @Nullable SubscribeSnapshotsRequest request;
            private @Nullable Subscription subscription;

            @Override
            public void onMessage(SubscribeSnapshotsRequest message) {
                request = message;
            }

            @Override
            public void onHalfClose() {
                if (request == null) {
                    throw new FailureException(
                            Failure.InvalidRequest.of(
                                    "symbol_ids", "the call ended without a request"));
                }
                subscription = subscribe(request, fanOut, call);
                request = null;
            }

            @Override
            public void onReady() {
                if (subscription != null) {
                    subscription.ready();
                }
            }

            @Override
            public void onCancel() {
                if (subscription != null) {
                    subscription.cancel();
                }
            }
        };
    }

    private Subscription subscribe(
            SubscribeSnapshotsRequest request, FanOut fanOut, ServerCall<?, byte[]> call) {
        checkShape(request);
        SymbolLookup.Found found =
                symbols.find("symbol_ids", request.getSymbolIdsList(), request.getSymbolsList(), 0);
        call.sendHeaders(new Metadata());
        Subscription subscription =
                fanOut.subscribe(
                        DeliverySpec.of(request.getDelivery()),
                        request.getLimit(),
                        new CallOutlet(call, () -> {}));
        try {
            boolean recovered =
                    request.hasResume()
                            && request.getResume().getEpoch().equals(fanOut.epoch())
                            && subscription.resume(
                                    found.ids(),
                                    request.getAll(),
                                    request.getResume().getSequence());
            if (!recovered) {
                subscription.add(found.ids());
                if (request.getAll()) {
                    subscription.addAll();
                }
            }
            subscription.named(found.named());
            subscription.say(
                    SubscribeSnapshotsResponse.newBuilder()
                            .setStarted(started(fanOut, recovered))
                            .addAllStatuses(found.statuses())
                            .build()
                            .toByteArray());
        } catch (FailureException noRoom) {
            subscription.fail(noRoom.failure());
        }
        return subscription;
    }

    static Started started(FanOut fanOut, boolean recovered) {
        return Started.newBuilder()
                .setEpoch(fanOut.epoch())
                .setSequence(fanOut.cursor())
                .setRecovered(recovered)
                .build();
    }

    private static void checkShape(SubscribeSnapshotsRequest request) {
        List<Violation> violations = new ArrayList<>();
        boolean named = request.getSymbolIdsCount() + request.getSymbolsCount() > 0;
        if (named == request.getAll()) {
            violations.add(
                    new Violation(
                            "symbol_ids",
                            named
                                    ? "names symbols, and all is set; use one of the two"
                                    : "is empty; name symbols, or set all"));
        }
        if (request.getLimit() < 0) {
            violations.add(new Violation("limit", "must not be negative; 0 is no limit"));
        }
        check(request.getDelivery(), violations);
    }

    /**
     * @throws FailureException InvalidRequest when these, or what is wrong with the delivery, are
     *     any
     */
    static void check(Delivery delivery, List<Violation> others) {
        List<Violation> violations = new ArrayList<>(others);
        violations.addAll(DeliverySpec.violations(delivery));
        if (!violations.isEmpty()) {
            Violation first = violations.getFirst();
            throw new FailureException(
                    new Failure.InvalidRequest(
                            first.field() + ": " + first.description(), violations));
        }
    }
}
