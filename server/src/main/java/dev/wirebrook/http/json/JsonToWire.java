package dev.wirebrook.http.json;

import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON document and writes the message that it is, in one pass. Fields come out in the
 * order in which they came in, which the wire format allows. Confined to a thread; for one use.
 */
final class JsonToWire {
    private static final int DEPTH_MAX = JsonMessage.DEPTH_MAX;

    private final FieldPath path = new FieldPath();
    private final JsonInput in;
    private final WireOutput out;
    private final NumberReader numbers;
    private final ForeignJson foreign;
    private final @Nullable Misfits misfits;

    /** Fields and oneofs of the messages that are open, a bit for each that came. */
    private long[] marks = new long[16];

    private int marksEnd;

    private @Nullable JsonSkipper skipper;

    /**
     * @param misfits takes the elements of one list that do not fit; null: they are faults of the
     *     document
     */
    JsonToWire(byte[] json, ForeignJson foreign, @Nullable Misfits misfits) {
        this.foreign = foreign;
        this.misfits = misfits;
        in = new JsonInput(json, path);
        out = new WireOutput(json.length + 16);
        numbers = new NumberReader(in);
    }

    byte[] convert(TypePlan plan) throws InvalidJsonException {
        message(plan, 0);
        in.end();
        return out.toByteArray();
    }

    /**
     * Writes a message's fields, without a tag and a length.
     *
     * @param depth messages around it
     */
    private void message(TypePlan plan, int depth) throws InvalidJsonException {
        switch (plan.form()) {
            case OBJECT -> object(plan, depth);
            case TIMESTAMP -> timestamp(plan);
            case DURATION -> duration(plan);
            case WRAPPER -> singular(plan.field(1), depth, false);
            case STRUCT -> map(plan.field(1), depth);
            case VALUE -> value(plan, depth);
            case LIST_VALUE -> list(plan.field(1), depth);
            case FOREIGN -> out.raw(foreign.toWire(in, plan.descriptor(), depth));
        }
    }

    private void object(TypePlan plan, int depth) throws InvalidJsonException {
        in.expect('{', "an object");
        if (in.accept('}')) {
            return;
        }
        int base = openMarks(plan.marks());
        do {
            member(plan, base, depth);
        } while (in.more('}'));
        marksEnd = base;
    }

    private int openMarks(int count) {
        int base = marksEnd;
        marksEnd += (count + Long.SIZE - 1) / Long.SIZE;
        if (marksEnd > marks.length) {
            marks = Arrays.copyOf(marks, Math.max(marksEnd, 2 * marks.length));
        }
        Arrays.fill(marks, base, marksEnd, 0);
        return base;
    }

    /** Whether the mark was not yet there. */
    private boolean mark(int base, int index) {
        int word = base + index / Long.SIZE;
        long before = marks[word];
        marks[word] |= 1L << index;
        return marks[word] != before;
    }

    private void member(TypePlan plan, int base, int depth) throws InvalidJsonException {
        in.name();
        FieldPlan field = plan.named(in.text(), in.textStart(), in.textEnd());
        if (field == null) {
            throw unknown(plan);
        }
        path.enter(field);
        if (!mark(base, field.index())) {
            throw in.fault("comes twice; send it once");
        }
        in.colon();
        boolean takesNull = field.takesNull() && !field.repeated();
        if (takesNull || !in.acceptNull()) {
            if (field.oneof() != FieldPlan.NO_ONEOF && !mark(base, plan.oneofMark(field))) {
                throw in.fault(
                        "another field of the oneof "
                                + plan.oneofName(field)
                                + " came before; send one of them");
            }
            field(field, depth);
        }
        path.leave();
    }

    private InvalidJsonException unknown(TypePlan plan) {
        String name = Excerpt.of(in.text(), in.textStart(), in.textEnd());
        String nearest =
                NearestName.to(name, plan.fieldNames())
                        .map(candidate -> "; did you mean " + candidate + "?")
                        .orElse("");
        return new InvalidJsonException(
                path.with(name),
                "unknown: no field of " + plan.descriptor().getFullName() + nearest);
    }

    private void field(FieldPlan field, int depth) throws InvalidJsonException {
        if (field.map()) {
            map(field, depth);
        } else if (field.repeated()) {
            list(field, depth);
        } else {
            singular(field, depth, !field.implicit());
        }
    }

    private void list(FieldPlan field, int depth) throws InvalidJsonException {
        in.expect('[', "an array");
        if (in.accept(']')) {
            return;
        }
        path.enterList();
        if (field.packed()) {
            out.tag(field.tag());
            int begin = out.begin();
            do {
                refuseNull(field);
                out.number(field.wire(), numbers.read(field));
                path.nextElement();
            } while (in.more(']'));
            out.end(begin);
        } else if (depth == 0 && misfits != null && misfits.list() == field) {
            judgedElements(field, misfits);
        } else {
            do {
                element(field, depth);
                path.nextElement();
            } while (in.more(']'));
        }
        path.leave();
    }

    private void element(FieldPlan field, int depth) throws InvalidJsonException {
        refuseNull(field);
        singular(field, depth, true);
    }

    private void judgedElements(FieldPlan field, Misfits taken) throws InvalidJsonException {
        int index = 0;
        do {
            int json = in.position();
            int wire = out.size();
            int steps = path.size();
            int openMarks = marksEnd;
            try {
                element(field, 0);
            } catch (InvalidJsonException misfit) {
                out.backTo(wire);
                path.backTo(steps);
                marksEnd = openMarks;
                refuseMalformed(json, misfit);
                int end = in.position();
                taken.add(index, misfit);
                out.tag(field.tag());
                int begin = out.begin();
                keep(field.message(), json, taken);
                out.end(begin);
                in.moveTo(end);
            }
            path.nextElement();
            index++;
        } while (in.more(']'));
    }

    /** Passes over an element that does not fit, unless it is not even JSON. */
    private void refuseMalformed(int start, InvalidJsonException misfit)
            throws InvalidJsonException {
        int faultAt = in.position();
        in.moveTo(start);
        try {
            skipper().skip();
        } catch (InvalidJsonException malformed) {
            // Of the same place the first one says more.
            throw in.position() == faultAt ? misfit : malformed;
        }
    }

    /** Writes the kept fields of an element that is JSON but does not fit. */
    private void keep(TypePlan element, int start, Misfits taken) throws InvalidJsonException {
        in.moveTo(start);
        if (!in.accept('{') || in.accept('}')) {
            return;
        }
        Set<FieldPlan> written = new HashSet<>();
        do {
            int nameStart = in.position() + 1;
            skipper().skip();
            FieldPlan field = element.named(in.bytes(), nameStart, in.offset() - 1);
            in.colon();
            if (field == null || !taken.keeps(field) || !written.add(field) || !keep(field)) {
                skipper().skip();
            }
        } while (in.accept(','));
    }

    /** Writes a field whose value fits; else stays before the value. */
    private boolean keep(FieldPlan field) {
        int json = in.position();
        int wire = out.size();
        try {
            singular(field, 1, false);
            return true;
        } catch (InvalidJsonException misfit) {
            in.moveTo(json);
            out.backTo(wire);
            return false;
        }
    }

    private JsonSkipper skipper() {
        JsonSkipper made = skipper;
        if (made == null) {
            made = new JsonSkipper(in);
            skipper = made;
        }
        return made;
    }

    private void refuseNull(FieldPlan field) throws InvalidJsonException {
        if (!field.takesNull() && in.next() == 'n') {
            throw in.expected("a value that is not null");
        }
    }

    private void map(FieldPlan field, int depth) throws InvalidJsonException {
        in.expect('{', "an object");
        if (in.accept('}')) {
            return;
        }
        if (depth >= DEPTH_MAX) {
            throw in.tooDeep();
        }
        FieldPlan key = field.message().field(1);
        FieldPlan value = field.message().field(2);
        Set<Object> keys = new HashSet<>();
        do {
            in.name();
            String name = in.textString();
            path.enterKey(name);
            out.tag(field.tag());
            int begin = out.begin();
            if (!keys.add(key(key, name))) {
                throw in.fault("the key comes twice; send it once");
            }
            in.colon();
            refuseNull(value);
            singular(value, depth + 1, true);
            out.end(begin);
            path.leave();
        } while (in.more('}'));
    }

    /** Writes the key that was just read; returns what is the same for two that are. */
    private Object key(FieldPlan key, String name) throws InvalidJsonException {
        out.tag(key.tag());
        if (key.kind() == Kind.STRING) {
            out.measured(in.text(), in.textStart(), in.textEnd());
            return name;
        }
        long bits = numbers.readKey(key);
        out.number(key.wire(), bits);
        return bits;
    }

    /**
     * @param always whether the type's default is written too
     */
    private void singular(FieldPlan field, int depth, boolean always) throws InvalidJsonException {
        switch (field.kind()) {
            case STRING -> {
                in.string("a string");
                if (always || in.textEnd() > in.textStart()) {
                    out.tag(field.tag());
                    out.measured(in.text(), in.textStart(), in.textEnd());
                }
            }
            case BYTES -> {
                in.string("bytes as a base64 string");
                byte[] bytes = base64();
                if (always || bytes.length > 0) {
                    out.tag(field.tag());
                    out.measured(bytes, 0, bytes.length);
                }
            }
            case MESSAGE -> {
                if (depth >= DEPTH_MAX) {
                    throw in.tooDeep();
                }
                out.tag(field.tag());
                int begin = out.begin();
                message(field.message(), depth + 1);
                out.end(begin);
            }
            case NUMBER -> {
                long bits = numbers.read(field);
                if (always || bits != 0) {
                    out.tag(field.tag());
                    out.number(field.wire(), bits);
                }
            }
        }
    }

    /** The alphabet may be the one for URLs, and the padding may be missing. */
    private byte[] base64() throws InvalidJsonException {
        byte[] text = Arrays.copyOfRange(in.text(), in.textStart(), in.textEnd());
        boolean forUrls = false;
        for (byte character : text) {
            forUrls |= character == '-' || character == '_';
        }
        try {
            return (forUrls ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw wrongText("bytes as a base64 string");
        }
    }

    private void timestamp(TypePlan plan) throws InvalidJsonException {
        TimeText time = new TimeText();
        in.string(TimeText.TIMESTAMP);
        if (!time.readTimestamp(in.text(), in.textStart(), in.textEnd())) {
            throw wrongText(TimeText.TIMESTAMP + " within the years 1 to 9999");
        }
        secondsAndNanos(plan, time);
    }

    private void duration(TypePlan plan) throws InvalidJsonException {
        TimeText time = new TimeText();
        in.string(TimeText.DURATION);
        if (!time.readDuration(in.text(), in.textStart(), in.textEnd())) {
            throw wrongText(TimeText.DURATION + " of at most 315576000000s");
        }
        secondsAndNanos(plan, time);
    }

    private InvalidJsonException wrongText(String expectation) {
        return in.fault(
                "expects "
                        + expectation
                        + ", found \""
                        + Excerpt.of(in.text(), in.textStart(), in.textEnd())
                        + '"');
    }

    private void secondsAndNanos(TypePlan plan, TimeText time) {
        if (time.seconds() != 0) {
            out.tag(plan.field(1).tag());
            out.varint(time.seconds());
        }
        if (time.nanos() != 0) {
            out.tag(plan.field(2).tag());
            out.varint(time.nanos());
        }
    }

    private void value(TypePlan plan, int depth) throws InvalidJsonException {
        int number =
                switch (in.next()) {
                    case 'n' -> 1;
                    case '"' -> 3;
                    case 't', 'f' -> 4;
                    case '{' -> 5;
                    case '[' -> 6;
                    default -> 2;
                };
        singular(plan.field(number), depth, true);
    }
}
