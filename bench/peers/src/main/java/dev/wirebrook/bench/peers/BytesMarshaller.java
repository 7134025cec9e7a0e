package dev.wirebrook.bench.peers;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Hands on messages that are serialised already, as the other engines' clients get them. */
enum BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] message) {
        return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An {@link IngestRequest} around a batch that is serialised already. */
    static byte[] ingestRequest(long sequence, byte[] batch) {
        int length =
                CodedOutputStream.computeInt64Size(IngestRequest.SEQUENCE_FIELD_NUMBER, sequence)
                        + CodedOutputStream.computeByteArraySize(
                                IngestRequest.BATCH_FIELD_NUMBER, batch);
        byte[] request = new byte[length];
        CodedOutputStream out = CodedOutputStream.newInstance(request);
        try {
            out.writeInt64(IngestRequest.SEQUENCE_FIELD_NUMBER, sequence);
            out.writeByteArray(IngestRequest.BATCH_FIELD_NUMBER, batch);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return request;
    }
}
