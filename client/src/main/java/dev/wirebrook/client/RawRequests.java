package dev.wirebrook.client;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The methods that take batches, with requests written from bytes: nothing is parsed or built to be
 * sent, and unknown event types pass unchanged.
 */
final class RawRequests {
    static final MethodDescriptor<EventBatch, Response> DISPATCH =
            EventServiceGrpc.getDispatchMethod().toBuilder(
                            new RequestMarshaller<EventBatch>() {
                                @Override
                                byte[] encode(EventBatch batch) throws IOException {
                                    byte[] bytes = new byte[batch.encodedLength()];
                                    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
                                    batch.writeTo(output);
                                    output.checkNoSpaceLeft();
                                    return bytes;
                                }
                            },
                            EventServiceGrpc.getDispatchMethod().getResponseMarshaller())
                    .build();

    static final MethodDescriptor<IngestFrame, IngestResponse> INGEST =
            IngestServiceGrpc.getIngestMethod().toBuilder(
                            new RequestMarshaller<IngestFrame>() {
                                @Override
                                byte[] encode(IngestFrame frame) throws IOException {
                                    return frame.encode();
                                }
                            },
                            IngestServiceGrpc.getIngestMethod().getResponseMarshaller())
                    .build();

    private RawRequests() {}

    /** One message of the stream of batches: an {@code IngestRequest}. */
    record IngestFrame(long sequence, EventBatch batch, boolean reportDuplicates) {
        byte[] encode() throws IOException {
            int batchLength = batch.encodedLength();
            int length =
                    CodedOutputStream.computeInt64Size(
                                    IngestRequest.SEQUENCE_FIELD_NUMBER, sequence)
                            + CodedOutputStream.computeTagSize(IngestRequest.BATCH_FIELD_NUMBER)
                            + CodedOutputStream.computeUInt32SizeNoTag(batchLength)
                            + batchLength
                            + (reportDuplicates
                                    ? CodedOutputStream.computeBoolSize(
                                            IngestRequest.REPORT_DUPLICATES_FIELD_NUMBER, true)
                                    : 0);
            byte[] bytes = new byte[length];
            CodedOutputStream output = CodedOutputStream.newInstance(bytes);
            output.writeInt64(IngestRequest.SEQUENCE_FIELD_NUMBER, sequence);
            output.writeTag(
                    IngestRequest.BATCH_FIELD_NUMBER,
                    com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED);
            output.writeUInt32NoTag(batchLength);
            batch.writeTo(output);
            if (reportDuplicates) {
                output.writeBool(IngestRequest.REPORT_DUPLICATES_FIELD_NUMBER, true);
            }
            output.checkNoSpaceLeft();
            return bytes;
        }
    }

    /** Writes only: this side never reads requests. */
    private abstract static class RequestMarshaller<T> implements MethodDescriptor.Marshaller<T> {
        abstract byte[] encode(T request) throws IOException;

        @Override
        public final InputStream stream(T request) {
            try {
                return new ByteArrayInputStream(encode(request));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public final T parse(InputStream stream) {
            throw new UnsupportedOperationException("a client does not read requests");
        }
    }
}
