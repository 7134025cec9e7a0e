package dev.wirebrook.cli.bench;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import java.io.IOException;
import java.io.UncheckedIOException;

/** {@code IngestRequest}s around batches that are serialised already. */
final class IngestRequests {
    private IngestRequests() {}

    static byte[] encode(long sequence, byte[] batch) {
        byte[] request =
                new byte
                        [CodedOutputStream.computeInt64Size(
                                        IngestRequest.SEQUENCE_FIELD_NUMBER, sequence)
                                + CodedOutputStream.computeByteArraySize(
                                        IngestRequest.BATCH_FIELD_NUMBER, batch)];
        CodedOutputStream output = CodedOutputStream.newInstance(request);
        try {
            output.writeInt64(IngestRequest.SEQUENCE_FIELD_NUMBER, sequence);
            output.writeByteArray(IngestRequest.BATCH_FIELD_NUMBER, batch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return request;
    }
}
