package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message type compiled into tables: its fields by name and by number. Immutable. */
final class TypePlan {
    /** Tables go up to this field number; higher ones are searched for. */
    private static final int DENSE_NUMBER_MAX = 1_023;

    private final Descriptor descriptor;
    private final Form form;
    private final FieldPlan[] fields;
    private final int[] numbers;
    private final @Nullable FieldPlan[] dense;
    private final NameTable names;

    TypePlan(Descriptor descriptor, TypePlans plans) {
        this.descriptor = descriptor;
        form = Form.of(descriptor);
        List<FieldDescriptor> sorted =
                new ArrayList<>(form == Form.FOREIGN ? List.of() : descriptor.getFields());
        sorted.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
        fields = new FieldPlan[sorted.size()];
        numbers = new int[fields.length];
        int highest = -1;
        List<List<String>> allNames = new ArrayList<>();
        for (int i = 0; i < fields.length; i++) {
            FieldDescriptor field = sorted.get(i);
            fields[i] = new FieldPlan(field, i, plans);
            numbers[i] = field.getNumber();
            highest = numbers[i] <= DENSE_NUMBER_MAX ? numbers[i] : highest;
            allNames.add(List.of(field.getJsonName(), field.getName()));
        }
        names = new NameTable(allNames);
        dense = new FieldPlan[highest + 1];
        for (FieldPlan field : fields) {
            if (field.number() <= highest) {
                dense[field.number()] = field;
            }
        }
    }

    Descriptor descriptor() {
        return descriptor;
    }

    Form form() {
        return form;
    }

    /** The field that {@code bytes[start, end)} names, as in JSON or as in the proto file. */
    @Nullable FieldPlan named(byte[] bytes, int start, int end) {
        int place = names.find(bytes, start, end);
        return place == NameTable.ABSENT ? null : fields[place];
    }

    @Nullable FieldPlan numbered(int number) {
        if (number < dense.length) {
            return number < 0 ? null : dense[number];
        }
        int place = Arrays.binarySearch(numbers, number);
        return place < 0 ? null : fields[place];
    }

    /** A field that the type is known to have. */
    FieldPlan field(int number) {
        FieldPlan field = numbered(number);
        if (field == null) {
            throw new IllegalStateException(descriptor.getFullName() + " has no field " + number);
        }
        return field;
    }

    /** Bits that mark each field, and behind them each oneof, as seen. */
    int marks() {
        return fields.length + descriptor.getRealOneofs().size();
    }

    /** The mark of a field's oneof. */
    int oneofMark(FieldPlan field) {
        return fields.length + field.oneof();
    }

    /** The name of a field's oneof. */
    String oneofName(FieldPlan field) {
        return descriptor.getRealOneofs().get(field.oneof()).getName();
    }

    /** As JSON names them. */
    List<String> fieldNames() {
        return Arrays.stream(fields).map(FieldPlan::name).toList();
    }
}
