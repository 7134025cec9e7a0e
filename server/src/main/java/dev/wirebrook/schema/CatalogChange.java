package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether events written under one catalogue still mean the same under another. Logs, tables and
 * clients outlive a catalogue, so it may be added to; what it has may not change its meaning.
 *
 * <p>Types and fields are compared by number, the values of enums by name and number. A type or a
 * field that is gone does not break: events of a type that is gone are quarantined with their
 * bytes, and a field that is gone is one that its owner no longer asks for.
 */
public final class CatalogChange {
    private final Set<String> breaks = new LinkedHashSet<>();

    /** The fields that hold the messages whose own fields are columns. */
    private final Set<FieldDescriptor> frame = new HashSet<>();

    private final Set<Pair> compared = new HashSet<>();
    private final Set<EnumPair> comparedEnums = new HashSet<>();

    private CatalogChange(EventCatalog before) {
        // What else a batch has is stored nowhere.
        frame.addAll(before.batchMessage().getFields());
        before.types().forEach(type -> frame.add(type.field()));
    }

    private record Pair(Descriptor before, Descriptor after, boolean columns) {}

    private record EnumPair(EnumDescriptor before, EnumDescriptor after) {}

    /**
     * What breaks, each as a sentence that names the field and how it was; empty when nothing does.
     */
    public static List<String> breaks(EventCatalog before, EventCatalog after) {
        CatalogChange change = new CatalogChange(before);
        for (EventType type : before.types()) {
            int number = type.field().getNumber();
            after.typeNumbered(number)
                    .filter(now -> !now.name().equals(type.name()))
                    .ifPresent(now ->
                            change.breaks.add(
                                    "%s = %d was of type %s; give new types new numbers"
                                            .formatted(
                                                    now.field().getFullName(),
                                                    number,
                                                    type.name())));
        }
        change.compare(before.batchMessage(), after.batchMessage(), true);
        return List.copyOf(change.breaks);
    }

    /**
     * @param columns whether the fields of the messages are stored in columns of their own
     */
    private void compare(Descriptor before, Descriptor after, boolean columns) {
        if (!compared.add(new Pair(before, after, columns))) {
            return;
        }
        for (FieldDescriptor was : before.getFields()) {
            FieldDescriptor now = after.findFieldByNumber(was.getNumber());
            if (now != null) {
                compare(was, now, columns);
            } else {
                FieldDescriptor moved = after.findFieldByName(was.getName());
                if (moved != null) {
                    breaks.add(
                            "%s = %d had the number %d; keep it"
                                    .formatted(
                                            moved.getFullName(),
                                            moved.getNumber(),
                                            was.getNumber()));
                    compare(was, moved, columns);
                }
            }
        }
    }

    private void compare(FieldDescriptor was, FieldDescriptor now, boolean columns) {
        if (!was.getName().equals(now.getName())) {
            breaks.add(
                    "%s = %d was named %s; give new fields new numbers"
                            .formatted(now.getFullName(), now.getNumber(), was.getName()));
        } else if (!shape(was).equals(shape(now))) {
            compareShapes(was, now, columns);
        } else if (was.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            compare(was.getMessageType(), now.getMessageType(), columns && frame.contains(was));
        } else if (was.getJavaType() == FieldDescriptor.JavaType.ENUM) {
            compareEnums(was, now);
        }
    }

    /**
     * A number with a column of its own may become wider. Inside messages, lists and maps it may
     * not: they are stored as JSON, where numbers of 64 bits are text and those of 32 are not.
     */
    private void compareShapes(FieldDescriptor was, FieldDescriptor now, boolean columns) {
        boolean widens = widens(was, now);
        if (columns && widens && !was.isRepeated()) {
            return;
        }
        breaks.add(
                "%s = %d was %s and is %s%s; give it a new name and a new number"
                        .formatted(
                                now.getFullName(),
                                now.getNumber(),
                                shape(was),
                                shape(now),
                                widens
                                        ? ", which changes how it is stored, since it is part of a JSON column"
                                        : ""));
    }

    /**
     * Enums travel as numbers and are stored as names: both must keep meaning the same value. A
     * value that is gone breaks too, since what was logged with it would be stored as a bare
     * number.
     */
    private void compareEnums(FieldDescriptor was, FieldDescriptor now) {
        EnumDescriptor before = was.getEnumType();
        EnumDescriptor after = now.getEnumType();
        if (!before.getFullName().equals(after.getFullName())) {
            breaks.add(
                    "%s = %d was of enum %s and is of enum %s; keep the enum, or give the field a new name and a new number"
                            .formatted(
                                    now.getFullName(),
                                    now.getNumber(),
                                    before.getFullName(),
                                    after.getFullName()));
            return;
        }
        if (was.legacyEnumFieldTreatedAsClosed() != now.legacyEnumFieldTreatedAsClosed()) {
            breaks.add(
                    "%s = %d was of the %s enum %s, which is %s now, so numbers without a name would be stored differently; keep it as it was"
                            .formatted(
                                    now.getFullName(),
                                    now.getNumber(),
                                    openness(was),
                                    before.getFullName(),
                                    openness(now)));
        }
        if (comparedEnums.add(new EnumPair(before, after))) {
            compareValues(before, after);
        }
    }

    private static String openness(FieldDescriptor field) {
        return field.legacyEnumFieldTreatedAsClosed() ? "closed" : "open";
    }

    private void compareValues(EnumDescriptor before, EnumDescriptor after) {
        for (EnumValueDescriptor was : before.getValues()) {
            String name = after.getFullName() + "." + was.getName();
            EnumValueDescriptor sameName = after.findValueByName(was.getName());
            EnumValueDescriptor sameNumber = after.findValueByNumber(was.getNumber());
            if (sameName != null && sameName.getNumber() != was.getNumber()) {
                breaks.add(
                        "%s = %d had the number %d; keep it"
                                .formatted(name, sameName.getNumber(), was.getNumber()));
            } else if (sameName == null && sameNumber != null) {
                breaks.add(
                        "%s.%s = %d was named %s; keep the name, and give new values new numbers"
                                .formatted(
                                        after.getFullName(),
                                        sameNumber.getName(),
                                        was.getNumber(),
                                        was.getName()));
            } else if (sameName == null) {
                breaks.add(
                        "%s = %d is gone; keep it, marked deprecated if no client should send it"
                                .formatted(name, was.getNumber()));
            } else {
                compareStoredNames(before, after, was);
            }
        }
    }

    /** Of several names of a number, the first that is declared is the one that is stored. */
    private void compareStoredNames(
            EnumDescriptor before, EnumDescriptor after, EnumValueDescriptor value) {
        EnumValueDescriptor stored = before.findValueByNumber(value.getNumber());
        EnumValueDescriptor now = after.findValueByNumber(value.getNumber());
        if (value == stored && now != null && !now.getName().equals(stored.getName())) {
            breaks.add(
                    "%s.%s = %d is declared before %s, by which the number is stored; declare the alias after it"
                            .formatted(
                                    after.getFullName(),
                                    now.getName(),
                                    value.getNumber(),
                                    stored.getName()));
        }
    }

    /** Reports whether every old value reads the same under the new type on the wire. */
    private static boolean widens(FieldDescriptor was, FieldDescriptor now) {
        return was.isRepeated() == now.isRepeated()
                && switch (now.getType()) {
                    case INT64 ->
                            was.getType() == FieldDescriptor.Type.INT32
                                    || was.getType() == FieldDescriptor.Type.UINT32;
                    case UINT64 -> was.getType() == FieldDescriptor.Type.UINT32;
                    case SINT64 -> was.getType() == FieldDescriptor.Type.SINT32;
                    case DOUBLE,
                            FLOAT,
                            INT32,
                            FIXED64,
                            FIXED32,
                            BOOL,
                            STRING,
                            GROUP,
                            MESSAGE,
                            BYTES,
                            UINT32,
                            ENUM,
                            SFIXED32,
                            SFIXED64,
                            SINT32 ->
                            false;
                };
    }

    private static String shape(FieldDescriptor field) {
        String type = field.getType().name().toLowerCase(Locale.ROOT);
        if (field.isMapField()) {
            return "a map";
        }
        return field.isRepeated() ? "a list of " + type : "a single " + type;
    }
}
