package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether events written under one catalogue still mean the same under another. Logs, tables and
 * clients outlive a catalogue, so it may be added to; what it has may not change its meaning.
 *
 * <p>Types and fields are compared by number. A type that is gone breaks, since its events that are
 * still in the log would be quarantined; a field that is gone does not.
 */
public final class CatalogChange {
    private final List<String> breaks = new ArrayList<>();
    private final Set<Pair> compared = new HashSet<>();

    private CatalogChange() {}

    private record Pair(Descriptor before, Descriptor after) {}

    /**
     * What breaks, each as a sentence that names the field and how it was; empty when nothing does.
     */
    public static List<String> breaks(EventCatalog before, EventCatalog after) {
        CatalogChange change = new CatalogChange();
        change.compareFrames(before, after);
        for (EventType type : before.types()) {
            int number = type.field().getNumber();
            EventType now = after.typeNumbered(number).orElse(null);
            if (now == null) {
                change.breaks.add(
                        "%s = %d is gone; keep it until no log holds its events"
                                .formatted(type.field().getFullName(), number));
            } else if (!now.name().equals(type.name())) {
                change.breaks.add(
                        "%s = %d was of type %s; give new types new numbers"
                                .formatted(now.field().getFullName(), number, type.name()));
            }
        }
        change.compare(before.batchMessage(), after.batchMessage());
        return List.copyOf(change.breaks);
    }

    private void compareFrames(EventCatalog before, EventCatalog after) {
        compareNumbers(before.header(), after.header());
        compareNumbers(before.events(), after.events());
        compareNumbers(before.eventId(), after.eventId());
        compareNumbers(before.timestamp(), after.timestamp());
        before.clientId()
                .ifPresent(was -> after.clientId().ifPresent(now -> compareNumbers(was, now)));
    }

    private void compareNumbers(FieldDescriptor before, FieldDescriptor after) {
        if (before.getNumber() != after.getNumber()) {
            breaks.add(
                    "%s = %d had the number %d; keep it"
                            .formatted(after.getFullName(), after.getNumber(), before.getNumber()));
        }
    }

    private void compare(Descriptor before, Descriptor after) {
        if (!compared.add(new Pair(before, after))) {
            return;
        }
        for (FieldDescriptor was : before.getFields()) {
            FieldDescriptor now = after.findFieldByNumber(was.getNumber());
            if (now != null) {
                compare(was, now);
            }
        }
    }

    private void compare(FieldDescriptor was, FieldDescriptor now) {
        if (!was.getName().equals(now.getName())) {
            breaks.add(
                    "%s = %d was named %s; give new fields new numbers"
                            .formatted(now.getFullName(), now.getNumber(), was.getName()));
        } else if (!shape(was).equals(shape(now))) {
            breaks.add(
                    "%s = %d was %s and is %s; give it a new name and a new number"
                            .formatted(now.getFullName(), now.getNumber(), shape(was), shape(now)));
        } else if (was.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            compare(was.getMessageType(), now.getMessageType());
        }
    }

    private static String shape(FieldDescriptor field) {
        String type = field.getType().name().toLowerCase(Locale.ROOT);
        if (field.isMapField()) {
            return "a map";
        }
        return field.isRepeated() ? "a list of " + type : "a single " + type;
    }
}
