package dev.wirebrook.schema;

import static dev.wirebrook.schema.Wire.wire;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LogoutEvent;
import dev.wirebrook.api.event.LogoutReason;
import dev.wirebrook.api.event.OrderUpdatedEvent;
import org.junit.jupiter.api.Test;

class EventTextTest {
    private static final ByteString NO_HEADER = ByteString.EMPTY;

    private final EventText text = new EventText(EventCatalog.standard());

    @Test
    void shows_an_event_with_its_header_in_one_line_with_the_names_of_the_protos() {
        Header header = Header.newBuilder().setUserId(1L << 60).setClientId("web").build();
        Event event =
                Event.newBuilder()
                        .setId("e\n\"1\"")
                        .setCurrentURL("/cart")
                        .setAddToCartEvent(
                                AddToCartEvent.newBuilder().setProductId("p").setPrice(9.5))
                        .build();
        assertThat(text.toJson(header.toByteString(), event.toByteString()))
                .isEqualTo(
                        """
                        {"type":"AddToCartEvent",\
                        "header":{"userId":"1152921504606846976","clientId":"web"},\
                        "event":{"id":"e\\n\\"1\\"","currentURL":"/cart",\
                        "addToCartEvent":{"productId":"p","price":9.5}}}\
                        """);
    }

    @Test
    void shows_what_came_in_as_something_else_than_an_event() {
        ByteString head = ByteString.copyFromUtf8("{\"source\":\"shopify\"}");
        assertThat(text.deliveryToJson(head, ByteString.copyFromUtf8("no \"json\" <>")))
                .isEqualTo(
                        """
                        {"type":"","delivery":"{\\"source\\":\\"shopify\\"}","body":"no \\"json\\" <>"}\
                        """);
        assertThat(text.deliveryToJson(head, ByteString.fromHex("c3")))
                .endsWith("\"body\":{\"base64\":\"ww==\"}}");
    }

    @Test
    void leaves_urls_readable_and_backslashes_alone() {
        Event event = Event.newBuilder().setCurrentURL("/a?b=<c>&d='e'\\u003d\u2028").build();
        assertThat(text.toJson(NO_HEADER, event.toByteString()))
                .contains("\"currentURL\":\"/a?b=<c>&d='e'\\\\u003d\\u2028\"");
    }

    @Test
    void shows_enums_by_name() {
        Event event =
                Event.newBuilder()
                        .setLogoutEvent(
                                LogoutEvent.newBuilder()
                                        .setLogoutReason(LogoutReason.LOGOUT_REASON_EXPIRED))
                        .build();
        assertThat(text.toJson(NO_HEADER, event.toByteString()))
                .contains("\"logoutReason\":\"LOGOUT_REASON_EXPIRED\"");
    }

    @Test
    void shows_what_the_catalogue_does_not_know() {
        ByteString event = bytes(wire().text(4, "e").message(500, wire().text(1, "new")));
        assertThat(text.toJson(bytes(wire().varintField(99, 7)), event))
                .isEqualTo(
                        """
                        {"type":"","header":{},"event":{"id":"e"},\
                        "unknownHeader":"99: 7","unknownEvent":"500: { 1: \\"new\\" }"}\
                        """);
    }

    @Test
    void shows_bytes_that_are_no_event() {
        assertThat(text.toJson(NO_HEADER, ByteString.copyFromUtf8("no event")))
                .startsWith("{\"type\":\"\",\"header\":{},\"event\":{\"unreadable\":\"")
                .endsWith("\",\"base64\":\"bm8gZXZlbnQ=\"}}");
    }

    @Test
    void shows_a_time_that_json_cannot() {
        Event event =
                Event.newBuilder()
                        .setOrderUpdatedEvent(
                                OrderUpdatedEvent.newBuilder()
                                        .setExpectedDelivery(
                                                Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)))
                        .build();
        assertThat(text.toJson(NO_HEADER, event.toByteString()))
                .contains(
                        "\"type\":\"OrderUpdatedEvent\"",
                        "\"unprintable\":\"Timestamp is not valid")
                .contains("seconds: 9223372036854775807");
    }

    @Test
    void shows_events_of_a_foreign_catalogue() {
        EventText foreign = new EventText(ForeignSchema.catalog());
        ByteString event = bytes(wire().message(9, wire().text(2, "Kim")));
        assertThat(foreign.toJson(NO_HEADER, event))
                .isEqualTo(
                        "{\"type\":\"ReadingTaken\",\"header\":{},\"event\":{\"readingTaken\":{\"operator\":\"Kim\"}}}");
    }

    private static ByteString bytes(Wire wire) {
        return ByteString.copyFrom(wire.toBytes());
    }
}
