package dev.wirebrook.bench.events;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * Requests of AddToCart events as a shop's clients send them: ids are UUIDs, a few thousand
 * products and pages, one header a request.
 */
public final class Carts {
    private static final int PRODUCTS = 5_000;
    private static final int PAGES = 2_000;
    private static final String[] SYSTEMS = {"iOS 19.1", "Android 16", "Windows", "macOS"};
    private static final String[] CAMPAIGNS = {"", "spring_sale", "newsletter-42", "retargeting"};

    private final Random random;
    private final int eventsPerRequest;
    private final int types;

    public Carts(long seed, int eventsPerRequest) {
        this(seed, eventsPerRequest, 1);
    }

    /** Spreads the events over so many types of {@link #catalog}. */
    Carts(long seed, int eventsPerRequest, int types) {
        random = new Random(seed);
        this.eventsPerRequest = eventsPerRequest;
        this.types = types;
    }

    /** The standard catalogue and more types that look like AddToCartEvent. */
    static EventCatalog catalog(int types) {
        FileDescriptorSet.Builder set = EventCatalog.standard().descriptorSet().toBuilder();
        FileDescriptorProto.Builder file = set.getFileBuilder(set.getFileCount() - 1);
        DescriptorProto cart = AddToCartEvent.getDescriptor().toProto();
        FieldDescriptorProto variant =
                Event.getDescriptor()
                        .findFieldByNumber(Event.ADDTOCARTEVENT_FIELD_NUMBER)
                        .toProto();
        DescriptorProto.Builder event =
                file.getMessageTypeBuilder(Event.getDescriptor().getIndex());
        for (int i = 1; i < types; i++) {
            file.addMessageType(cart.toBuilder().setName("Cart" + i + "Event"));
            event.addField(
                    variant.toBuilder()
                            .setName("cart" + i)
                            .clearJsonName()
                            .setNumber(number(i))
                            .setTypeName(".event.Cart" + i + "Event"));
        }
        return EventCatalog.parse(set.build().toByteArray());
    }

    private static int number(int type) {
        return 1_000 + type;
    }

    byte[] request() {
        return events(_ -> "2026-11-20T10:15:30.123Z").toByteArray();
    }

    /**
     * A request as a message.
     *
     * @param timestamp of the event at a place in it
     */
    public Events events(IntFunction<String> timestamp) {
        Events.Builder events =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder()
                                        .setSessionId(uuid())
                                        .setUserId(random.nextInt(1_000_000))
                                        .setDeviceId(uuid())
                                        .setClientId("shop-web")
                                        .setOs(SYSTEMS[random.nextInt(SYSTEMS.length)])
                                        .setAppVersion("4." + random.nextInt(20) + ".1")
                                        .setUtmSource("google")
                                        .setUtmMedium("cpc")
                                        .setUtmCampaign(
                                                CAMPAIGNS[random.nextInt(CAMPAIGNS.length)]));
        for (int i = 0; i < eventsPerRequest; i++) {
            int product = random.nextInt(PRODUCTS);
            AddToCartEvent cart =
                    AddToCartEvent.newBuilder()
                            .setProductId("SKU-" + (100_000 + product))
                            .setProductName("Product name number " + product)
                            .setPrice(Math.round(product * 7.3) / 100.0)
                            .setQuantity(1 + random.nextInt(5))
                            .build();
            Event.Builder event =
                    events.addEventsBuilder()
                            .setId(uuid())
                            .setTimestamp(timestamp.apply(i))
                            .setCurrentURL(
                                    "https://shop.example.com/products/category/"
                                            + random.nextInt(PAGES));
            if (i % types == 0) {
                event.setAddToCartEvent(cart);
            } else {
                event.setUnknownFields(
                        UnknownFieldSet.newBuilder()
                                .mergeLengthDelimitedField(number(i % types), cart.toByteString())
                                .build());
            }
        }
        return events.build();
    }

    private String uuid() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    /** Where the messages of field {@code number} lie: start and end, one after the other. */
    static int[] ranges(byte[] request, int number) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(request);
            int[] ranges = new int[256];
            int count = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) != number) {
                    in.skipField(tag);
                    continue;
                }
                int length = in.readRawVarint32();
                if (count == ranges.length) {
                    ranges = Arrays.copyOf(ranges, 2 * count);
                }
                ranges[count++] = in.getTotalBytesRead();
                ranges[count++] = in.getTotalBytesRead() + length;
                in.skipRawBytes(length);
            }
            return Arrays.copyOf(ranges, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
