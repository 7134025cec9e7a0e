package dev.wirebrook.schema;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Set;

/** Tells events of types that a catalogue no longer has from each other. */
public final class UnknownTypes {
    private UnknownTypes() {}

    /**
     * The number of an event's type, if it is one of those given: the last field with such a
     * number, as in a oneof; -1 if there is none.
     *
     * @param bytes hold the event's message from {@code start} to {@code end}
     */
    public static int number(byte[] bytes, int start, int end, Set<Integer> numbers) {
        int found = -1;
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes, start, end - start);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int number = WireFormat.getTagFieldNumber(tag);
                if (numbers.contains(number)) {
                    found = number;
                }
                if (!in.skipField(tag)) {
                    break;
                }
            }
        } catch (IOException e) {
            // Not a sound message: the walker has rejected it.
            return found;
        }
        return found;
    }
}
