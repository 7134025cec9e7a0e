package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.NullValue;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An enum's values by name and by number. Immutable. */
final class EnumPlan {
    private final EnumDescriptor descriptor;
    private final boolean isNull;
    private final String expectation;
    private final NameTable names;
    private final int[] numbers;
    private final Map<Integer, byte[]> nameByNumber = new HashMap<>();

    EnumPlan(EnumDescriptor descriptor) {
        this.descriptor = descriptor;
        isNull = descriptor.getFullName().equals(NullValue.getDescriptor().getFullName());
        expectation = "a value of " + descriptor.getFullName();
        List<EnumValueDescriptor> values = descriptor.getValues();
        names = new NameTable(values.stream().map(value -> List.of(value.getName())).toList());
        numbers = values.stream().mapToInt(EnumValueDescriptor::getNumber).toArray();
        for (EnumValueDescriptor value : values) {
            nameByNumber.putIfAbsent(
                    value.getNumber(), value.getName().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Whether JSON has null for it. */
    boolean isNull() {
        return isNull;
    }

    /** Place of a name, or {@link NameTable#ABSENT}. */
    int find(byte[] bytes, int start, int end) {
        return names.find(bytes, start, end);
    }

    int number(int place) {
        return numbers[place];
    }

    /** In UTF-8; of names for the same number the first. */
    byte @Nullable [] name(int number) {
        return nameByNumber.get(number);
    }

    /** What is said of a value that is none. */
    String expectation() {
        return expectation;
    }

    List<String> valueNames() {
        return descriptor.getValues().stream().map(EnumValueDescriptor::getName).toList();
    }
}
