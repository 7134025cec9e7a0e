package dev.wirebrook.market;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.market.v1.Progress;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Writes the responses of streams piece by piece: protobuf defines joining the bytes of fields as
 * the message that has them all. Both kinds of streams have the same fields where the pieces are.
 */
final class UpdateBytes {
    private UpdateBytes() {}

    /** A field 1 with an {@link Update}, of the encoded snapshot in {@code [start, end)}. */
    static byte[] of(byte[] snapshot, int start, int end, long previousSequence, long conflated) {
        int length = end - start;
        int size = size(length, previousSequence, conflated);
        byte[] field = new byte[1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size];
        CodedOutputStream out = CodedOutputStream.newInstance(field);
        try {
            out.write(BookUpdate.FIRST_FIELD);
            out.writeUInt32NoTag(size);
            out.write(BookUpdate.FIRST_FIELD);
            out.writeUInt32NoTag(length);
            out.write(snapshot, start, length);
            if (previousSequence != 0) {
                out.writeInt64(Update.PREVIOUS_SEQUENCE_FIELD_NUMBER, previousSequence);
            }
            if (conflated != 0) {
                out.writeInt64(Update.CONFLATED_FIELD_NUMBER, conflated);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return field;
    }

    /** Bytes of an {@link Update} with a snapshot of this length. */
    static int size(int snapshotLength, long previousSequence, long conflated) {
        return 1
                + CodedOutputStream.computeUInt32SizeNoTag(snapshotLength)
                + snapshotLength
                + (previousSequence == 0
                        ? 0
                        : CodedOutputStream.computeInt64Size(
                                Update.PREVIOUS_SEQUENCE_FIELD_NUMBER, previousSequence))
                + (conflated == 0
                        ? 0
                        : CodedOutputStream.computeInt64Size(
                                Update.CONFLATED_FIELD_NUMBER, conflated));
    }

    static byte[] of(Progress progress) {
        return SubscribeSnapshotsResponse.newBuilder().setProgress(progress).build().toByteArray();
    }

    static byte[] of(Started started) {
        return SubscribeSnapshotsResponse.newBuilder().setStarted(started).build().toByteArray();
    }

    /** One message of several pieces. */
    static byte[] joined(List<byte[]> pieces) {
        if (pieces.size() == 1) {
            return pieces.getFirst();
        }
        int length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        byte[] message = new byte[length];
        int end = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, message, end, piece.length);
            end += piece.length;
        }
        return message;
    }
}
