package dev.wirebrook.http.json;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Wire bytes field by field: each a tag and its value. */
final class WirePieces {
    private WirePieces() {}

    static List<byte[]> of(byte[] wire) throws IOException {
        List<byte[]> pieces = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(wire);
        int from = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            in.skipField(tag);
            pieces.add(Arrays.copyOfRange(wire, from, in.getTotalBytesRead()));
            from = in.getTotalBytesRead();
        }
        return pieces;
    }

    static byte[] join(List<byte[]> pieces) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            wire.write(piece);
        }
        return wire.toByteArray();
    }
}
