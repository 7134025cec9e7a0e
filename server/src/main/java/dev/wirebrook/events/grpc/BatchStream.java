package dev.wirebrook.events.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.io.IOException;

/**
 * A message of a stream of batches, taken apart without touching the batch: {@code IngestRequest}
 * and {@code UploadRequest} have the same shape but for the numbers of their fields.
 *
 * @param batch the batch's own bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never written to
record BatchStream(long sequence, byte[] batch, boolean reportDuplicates) {
    private static final byte[] NO_BATCH = {};

    /** The field numbers of one message; 0: it has no such field. */
    record Fields(int sequence, int batch, int reportDuplicates) {}

    static BatchStream parse(byte[] message, Fields fields) {
        long sequence = 0;
        byte[] batch = NO_BATCH;
        boolean reportDuplicates = false;
        try {
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == tag(fields.batch(), WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                    byte[] more = in.readByteArray();
                    batch = batch.length == 0 ? more : joined(batch, more);
                } else if (tag == tag(fields.sequence(), WireFormat.WIRETYPE_VARINT)) {
                    sequence = in.readInt64();
                } else if (tag == tag(fields.reportDuplicates(), WireFormat.WIRETYPE_VARINT)) {
                    reportDuplicates = in.readBool();
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "request", "not a well-formed message: " + e.getMessage()));
        }
        return new BatchStream(sequence, batch, reportDuplicates);
    }

    /** Protobuf defines joining the bytes of two messages as merging them. */
    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }
}
