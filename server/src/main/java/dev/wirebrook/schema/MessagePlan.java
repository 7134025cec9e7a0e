package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How to walk the wire bytes of one message type: a descriptor compiled into a table from tag to
 * action.
 *
 * <p>An action is an {@code int}: the operation in its low four bits, above them the index of the
 * plan for a sub-message. Tags that the table does not have are unknown fields, which includes
 * known numbers under a wrong wire type, as in protobuf's own parsers.
 */
final class MessagePlan {
    static final int OPERATION = 0xF;

    static final int UNKNOWN = 0;
    static final int VARINT = 1;
    static final int FIXED32 = 2;
    static final int FIXED64 = 3;
    static final int BYTES = 4;
    static final int STRING = 5;
    static final int MESSAGE = 6;
    static final int GROUP = 7;
    static final int PACKED_VARINT = 8;
    static final int PACKED_FIXED32 = 9;
    static final int PACKED_FIXED64 = 10;

    // What only the outermost messages have.
    static final int HEADER = 11;
    static final int EVENT = 12;
    static final int CLIENT_ID = 11;
    static final int EVENT_ID = 11;
    static final int TIMESTAMP = 12;

    /** Its index is the ordinal of the event type as well as that of the plan. */
    static final int VARIANT = 13;

    private static final int INDEX_SHIFT = 4;
    private static final int TAG_TYPE_BITS = 3;

    /** Tables go up to this field number; higher ones are searched for. */
    private static final int DENSE_NUMBER_MAX = 255;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_LENGTH = 2;
    private static final int WIRE_START_GROUP = 3;
    private static final int WIRE_FIXED32 = 5;

    private final Descriptor descriptor;
    private final WellKnownValue wellKnown;
    private int[] dense = {};
    private int[] sparseTags = {};
    private int[] sparseActions = {};
    private MessagePlan[] children = {};

    private MessagePlan(Descriptor descriptor) {
        this.descriptor = descriptor;
        wellKnown = WellKnownValue.of(descriptor);
    }

    Descriptor descriptor() {
        return descriptor;
    }

    WellKnownValue wellKnown() {
        return wellKnown;
    }

    int action(int tag) {
        return tag >= 0 && tag < dense.length ? dense[tag] : sparseAction(tag);
    }

    private int sparseAction(int tag) {
        int i = sparseTags.length == 0 ? -1 : Arrays.binarySearch(sparseTags, tag);
        return i < 0 ? UNKNOWN : sparseActions[i];
    }

    static int index(int action) {
        return action >>> INDEX_SHIFT;
    }

    MessagePlan child(int action) {
        return children[action >>> INDEX_SHIFT];
    }

    /** The plans of the outermost messages of a catalogue. */
    record Outermost(MessagePlan batch, MessagePlan header, MessagePlan event) {
        static Outermost of(EventCatalog catalog) {
            Compiler compiler = new Compiler();
            Map<FieldDescriptor, Integer> eventRoles = new HashMap<>();
            eventRoles.put(catalog.eventId(), EVENT_ID);
            eventRoles.put(catalog.timestamp(), TIMESTAMP);
            List<MessagePlan> variants = new ArrayList<>();
            for (EventType type : catalog.types()) {
                eventRoles.put(type.field(), VARIANT);
                variants.add(compiler.plan(type.field().getMessageType()));
            }
            Map<FieldDescriptor, Integer> headerRoles = new HashMap<>();
            catalog.clientId().ifPresent(field -> headerRoles.put(field, CLIENT_ID));
            return new Outermost(
                    compiler.withRoles(
                            catalog.batchMessage(),
                            Map.of(catalog.header(), HEADER, catalog.events(), EVENT),
                            List.of()),
                    compiler.withRoles(catalog.header().getMessageType(), headerRoles, List.of()),
                    compiler.withRoles(catalog.events().getMessageType(), eventRoles, variants));
        }
    }

    /** Compiles each message type once, also when it contains itself. */
    private static final class Compiler {
        private final Map<Descriptor, MessagePlan> plans = new HashMap<>();

        MessagePlan plan(Descriptor message) {
            MessagePlan known = plans.get(message);
            if (known != null) {
                return known;
            }
            MessagePlan plan = new MessagePlan(message);
            plans.put(message, plan);
            fill(plan, Map.of(), List.of());
            return plan;
        }

        /**
         * A plan apart from the type's own, in which some fields play a role. The first children
         * are those of the variants, in the order of their fields' numbers.
         */
        MessagePlan withRoles(
                Descriptor message,
                Map<FieldDescriptor, Integer> roles,
                List<MessagePlan> variants) {
            MessagePlan plan = new MessagePlan(message);
            fill(plan, roles, variants);
            return plan;
        }

        private void fill(
                MessagePlan plan, Map<FieldDescriptor, Integer> roles, List<MessagePlan> variants) {
            List<MessagePlan> children = new ArrayList<>(variants);
            SortedMap<Integer, Integer> actions = new TreeMap<>();
            List<FieldDescriptor> fields = new ArrayList<>(plan.descriptor.getFields());
            fields.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
            int variant = 0;
            for (FieldDescriptor field : fields) {
                Integer role = roles.get(field);
                if (role != null) {
                    int index = role == VARIANT ? variant++ : 0;
                    actions.put(tag(field, WIRE_LENGTH), role | (index << INDEX_SHIFT));
                    continue;
                }
                int operation = operation(field);
                int index = 0;
                if (operation == MESSAGE || operation == GROUP) {
                    index = children.size();
                    children.add(plan(field.getMessageType()));
                }
                actions.put(tag(field, wireType(operation)), operation | (index << INDEX_SHIFT));
                if (field.isPackable()) {
                    actions.put(tag(field, WIRE_LENGTH), packed(operation));
                }
            }
            plan.children = children.toArray(MessagePlan[]::new);
            plan.tabulate(actions);
        }

        private static int tag(FieldDescriptor field, int wireType) {
            return (field.getNumber() << TAG_TYPE_BITS) | wireType;
        }

        private static int operation(FieldDescriptor field) {
            return switch (field.getType()) {
                case BOOL, ENUM, INT32, INT64, SINT32, SINT64, UINT32, UINT64 -> VARINT;
                case FIXED32, SFIXED32, FLOAT -> FIXED32;
                case FIXED64, SFIXED64, DOUBLE -> FIXED64;
                case STRING -> STRING;
                case BYTES -> BYTES;
                case MESSAGE -> MESSAGE;
                case GROUP -> GROUP;
            };
        }

        private static int wireType(int operation) {
            return switch (operation) {
                case VARINT -> WIRE_VARINT;
                case FIXED32 -> WIRE_FIXED32;
                case FIXED64 -> WIRE_FIXED64;
                case GROUP -> WIRE_START_GROUP;
                default -> WIRE_LENGTH;
            };
        }

        private static int packed(int operation) {
            return switch (operation) {
                case VARINT -> PACKED_VARINT;
                case FIXED32 -> PACKED_FIXED32;
                case FIXED64 -> PACKED_FIXED64;
                default -> throw new IllegalStateException("no packed form: " + operation);
            };
        }
    }

    private void tabulate(SortedMap<Integer, Integer> actions) {
        int denseTags = (DENSE_NUMBER_MAX + 1) << TAG_TYPE_BITS;
        int highest = -1;
        List<Integer> high = new ArrayList<>();
        for (int tag : actions.keySet()) {
            if (tag >= 0 && tag < denseTags) {
                highest = Math.max(highest, tag);
            } else {
                high.add(tag);
            }
        }
        dense = new int[highest + 1];
        actions.forEach((tag, action) -> {
            if (tag >= 0 && tag < dense.length) {
                dense[tag] = action;
            }
        });
        sparseTags = high.stream().mapToInt(tag -> tag).toArray();
        sparseActions = high.stream().mapToInt(tag -> actions.getOrDefault(tag, UNKNOWN)).toArray();
    }
}
