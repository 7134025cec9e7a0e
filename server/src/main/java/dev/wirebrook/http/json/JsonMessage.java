package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.http.json.WireToJson.NotCanonical;
import java.util.Map;

/**
 * One message type between JSON and the wire, without message objects.
 *
 * <p>The mapping is protobuf's own, as {@link JsonFormat} has it, and stricter where that is
 * lenient: a name or a key that comes twice, text behind the document, half a surrogate pair, bytes
 * that are not UTF-8, a boolean in quotes, a string without and numbers like {@code +1} or {@code
 * 007} are errors, and so is a number of more than 1,000 characters. Whatever is sent, the time is
 * proportional to its length.
 *
 * <p>Immutable and thread-safe; keep one for a type, for its tables are made as they are needed.
 *
 * @see <a href="https://protobuf.dev/programming-guides/json/">The ProtoJSON format</a>
 */
public final class JsonMessage {
    /** Messages within each other, without the outermost: what protobuf's parsers allow. */
    static final int DEPTH_MAX = 100;

    private static final byte[] EMPTY = {};

    private final TypePlan plan;
    private final ForeignJson foreign;

    private JsonMessage(TypePlan plan, ForeignJson foreign) {
        this.plan = plan;
        this.foreign = foreign;
    }

    /**
     * @param registry the types that may stand in a {@code google.protobuf.Any}
     */
    public static JsonMessage of(Descriptors.Descriptor type, JsonFormat.TypeRegistry registry) {
        return new JsonMessage(new TypePlans().of(type), new ForeignJson(registry));
    }

    /**
     * The length of a byte order mark before a document; 0: it has none. It is passed over, as RFC
     * 8259, 8.1 lets readers do.
     */
    public static int byteOrderMark(byte[] json) {
        return json.length >= 3
                        && json[0] == (byte) 0xEF
                        && json[1] == (byte) 0xBB
                        && json[2] == (byte) 0xBF
                ? 3
                : 0;
    }

    public Descriptor type() {
        return plan.descriptor();
    }

    /**
     * The wire bytes of a document in UTF-8. No bytes at all are a message without fields.
     *
     * @throws InvalidJsonException when it is no JSON, or not for this type; names the field
     */
    public byte[] toWire(byte[] json) throws InvalidJsonException {
        return json.length == 0 ? EMPTY : new JsonToWire(json, foreign, null).convert(plan);
    }

    /**
     * The wire bytes of a document, in which what does not fit an element of a list costs that
     * element alone: a wrong type, a number out of range, an unknown name, half a surrogate pair.
     *
     * @param judged a field of this type
     * @throws InvalidJsonException when the document is not JSON, or does not fit outside the list
     */
    public JudgedList.Converted toWire(byte[] json, JudgedList judged) throws InvalidJsonException {
        if (json.length == 0) {
            return new JudgedList.Converted(EMPTY, Map.of());
        }
        Misfits misfits = new Misfits(plan, judged);
        byte[] wire = new JsonToWire(json, foreign, misfits).convert(plan);
        return new JudgedList.Converted(wire, misfits.byIndex());
    }

    /**
     * The document of a message, in UTF-8 without white space: names as JSON has them, integers of
     * 64 bits in quotes, enums by name, defaults left out where they are the same as absence.
     * Fields that the type does not have are left out.
     *
     * @throws InvalidWireException when the bytes are no message of the type, a string in them is
     *     not UTF-8, or a value has no form in JSON
     */
    public byte[] toJson(byte[] wire) throws InvalidWireException {
        try {
            return new WireToJson(wire, foreign).convert(plan);
        } catch (NotCanonical e) {
            return canonicalToJson(CanonicalForm.of(wire, plan.descriptor()));
        }
    }

    private byte[] canonicalToJson(byte[] wire) throws InvalidWireException {
        try {
            return new WireToJson(wire, foreign).convert(plan);
        } catch (NotCanonical e) {
            throw new IllegalStateException(
                    "a canonical " + plan.descriptor().getFullName() + " that is none", e);
        }
    }
}
