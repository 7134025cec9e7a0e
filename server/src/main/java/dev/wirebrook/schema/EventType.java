package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;

/**
 * One type of event: a variant of the event message's oneof.
 *
 * @param ordinal dense index in the catalogue, from 0, in the order of field numbers
 * @param field the oneof's field; its number is the type's number on the wire, its message the
 *     event's own fields
 * @param name simple name of the message, such as {@code AddToCartEvent}; unique in a catalogue
 * @param table name in the warehouse, such as {@code add_to_cart_event}
 */
public record EventType(int ordinal, FieldDescriptor field, String name, String table) {}
