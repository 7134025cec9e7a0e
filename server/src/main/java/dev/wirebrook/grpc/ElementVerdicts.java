package dev.wirebrook.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.List;

/**
 * A method that gives each element of a list in its request a verdict of its own. Whoever makes the
 * request of another form, such as JSON, may then leave a misfit to the method instead of failing
 * the call: in its place stands an element with the kept fields only, and {@link ElementFaults} say
 * why.
 *
 * @param list a repeated field of messages in the request
 * @param kept fields of an element that its verdict names, such as its id
 * @param elementsMax elements that the method takes at most
 */
public record ElementVerdicts(FieldDescriptor list, List<FieldDescriptor> kept, int elementsMax) {
    public ElementVerdicts {
        kept = List.copyOf(kept);
    }
}
