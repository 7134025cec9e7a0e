package dev.wirebrook.events.grpc;

import dev.wirebrook.auth.Scope;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.ElementVerdicts;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.ProtoService;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.ServerCallHandler;
import java.util.List;

/**
 * The event services as the gRPC server hosts them. Messages stay bytes; none of their methods
 * blocks.
 */
public final class EventServices {
    private final OpenStreams openStreams = new OpenStreams();
    private final List<HostedService> hosted;

    public EventServices(
            EventCatalog catalog, EventPipeline pipeline, Workers workers, TailLimit tails) {
        String dispatch = catalog.dispatch().getName();
        ProtoService events = ProtoService.of(catalog.dispatch().getService());
        raw(events, dispatch, new DispatchHandler(pipeline.intake()));
        ProtoService ingest = ProtoService.of(IngestSchema.of(catalog));
        raw(ingest, "Ingest", new IngestHandler(pipeline.intake(), workers.timer(), openStreams));
        raw(ingest, "Upload", new UploadHandler(pipeline.intake(), workers.timer(), openStreams));
        raw(ingest, "Tail", new TailHandler(catalog, pipeline.tail(), workers, tails));
        hosted =
                List.of(
                        HostedService.of(events.build())
                                .onEventLoop(dispatch)
                                .judging(
                                        new ElementVerdicts(
                                                catalog.events(),
                                                List.of(catalog.eventId()),
                                                pipeline.intake().limits().batchEventsMax()),
                                        dispatch)
                                .requires(Scope.EVENTS_WRITE, dispatch),
                        HostedService.of(ingest.build())
                                .onEventLoop("Ingest", "Upload", "Tail")
                                .endedOnDrain("Tail")
                                .requires(Scope.EVENTS_WRITE, "Ingest", "Upload")
                                .requires(Scope.EVENTS_READ, "Tail"));
    }

    public List<HostedService> hosted() {
        return hosted;
    }

    /** Ends open streams of batches, each when all that it sent so far is acknowledged. */
    public void endStreams(Failure reason) {
        openStreams.endAll(reason);
    }

    private static void raw(
            ProtoService service, String method, ServerCallHandler<byte[], byte[]> handler) {
        service.method(method, RawMarshaller.INSTANCE, RawMarshaller.INSTANCE, handler);
    }
}
