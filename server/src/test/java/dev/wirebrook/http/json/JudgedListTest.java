package dev.wirebrook.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.failure.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A list in which a misfit costs its element and not the document. */
class JudgedListTest {
    private static final int MISFITS_MAX = 100;
    private static final JsonMessage MESSAGE =
            JsonMessage.of(Events.getDescriptor(), JsonFormat.TypeRegistry.getEmptyTypeRegistry());
    private static final JudgedList JUDGED =
            new JudgedList(
                    Events.getDescriptor().findFieldByName("events"),
                    List.of(Event.getDescriptor().findFieldByName("id")),
                    MISFITS_MAX);

    private static JudgedList.Converted convert(String json) throws InvalidJsonException {
        return MESSAGE.toWire(json.getBytes(StandardCharsets.UTF_8), JUDGED);
    }

    private static List<Event> events(JudgedList.Converted converted)
            throws InvalidProtocolBufferException {
        return Events.parseFrom(converted.wire()).getEventsList();
    }

    private static Event event(String id) {
        return Event.newBuilder().setId(id).build();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            emptyValue = "",
            textBlock =
                    """
                    {"id":"m","addToCartEvent":{"quantity":1.5}}   | m | events[1].addToCartEvent.quantity
                    {"id":"m","addToCartEvent":{"quantity":9e99}}  | m | events[1].addToCartEvent.quantity
                    {"id":"m","addToCartEvent":{"quantity":"two"}} | m | events[1].addToCartEvent.quantity
                    {"id":"m","addToCartEvent":{"quantity":{}}}    | m | events[1].addToCartEvent.quantity
                    {"id":"m","addToCartEvent":{"price":1e400}}    | m | events[1].addToCartEvent.price
                    {"id":"m","addToCartEvent":{"productId":7}}    | m | events[1].addToCartEvent.productId
                    {"id":"m","addToCartEvent":{"productId":"\\ud800"}} | m | events[1].addToCartEvent.productId
                    {"id":"m","addToCartEvent":{"productId":["a"]}} | m | events[1].addToCartEvent.productId
                    {"id":"m","addToCartEvent":{"nope":1}}         | m | events[1].addToCartEvent.nope
                    {"id":"m","addToCartEvent":7}                  | m | events[1].addToCartEvent
                    {"addToCartEvent":{"nope":{"a":[1,{"b":null}]}},"id":"m"} | m | events[1].addToCartEvent.nope
                    {"id":"m","goneEvent":{"a":1}}                 | m | events[1].goneEvent
                    {"id":"m","addToCartEvent":{},"launchEvent":{}} | m | events[1].launchEvent
                    {"id":"m","addToCartEvent":{},"addToCartEvent":{}} | m | events[1].addToCartEvent
                    {"id":"m","id":"n","addToCartEvent":{}}        | m | events[1].id
                    {"id":7,"addToCartEvent":{}}                   | `` | events[1].id
                    {"id":"\\udc00"}                               | `` | events[1].id
                    {"id":null,"goneEvent":{}}                     | `` | events[1].goneEvent
                    null                                           | `` | events[1]
                    7                                              | `` | events[1]
                    "id"                                           | `` | events[1]
                    [{"id":"m"}]                                   | `` | events[1]
                    """)
    void an_element_that_does_not_fit_costs_only_itself(String misfit, String id, String field)
            throws Exception {
        JudgedList.Converted converted =
                convert(
                        """
                        {"header":{"clientId":"c"},"events":[
                         {"id":"a","addToCartEvent":{"quantity":1}}, %s ,
                         {"id":"b","launchEvent":{}}]}
                        """
                                .formatted(misfit));
        assertThat(converted.misfits()).containsOnlyKeys(1);
        Violation violation = converted.misfits().values().iterator().next();
        assertThat(violation.field()).isEqualTo(field);
        assertThat(violation.description()).isNotBlank();
        Events batch = Events.parseFrom(converted.wire());
        assertThat(batch.getHeader().getClientId()).isEqualTo("c");
        assertThat(batch.getEventsList())
                .extracting(Event::getId, Event::getEventOfCase)
                .containsExactly(
                        tuple("a", Event.EventOfCase.ADDTOCARTEVENT),
                        tuple(id, Event.EventOfCase.EVENTOF_NOT_SET),
                        tuple("b", Event.EventOfCase.LAUNCHEVENT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Not JSON.
                "{\"events\":[{\"id\":\"a\"},{\"addToCartEvent\":{\"quantity\":1.5}]}",
                "{\"events\":[{\"addToCartEvent\":{\"quantity\":01}}]}",
                "{\"events\":[{\"addToCartEvent\":{\"price\":NaN}}]}",
                "{\"events\":[{\"nope\":'a'}]}",
                "{\"events\":[{\"nope\":\"a\\q\"}]}",
                "{\"events\":[{\"nope\":\"\\u12g4\"}]}",
                "{\"events\":[{\"nope\":\"a\nb\"}]}",
                "{\"events\":[{\"nope\":1,}]}",
                "{\"events\":[{\"nope\":[1,]}]}",
                "{\"events\":[{\"nope\":[1 2]}]}",
                "{\"events\":[{\"nope\":tru}]}",
                "{\"events\":[{\"nope\":1.}]}",
                "{\"events\":[{\"nope\":1e}]}",
                "{\"events\":[{\"nope\":-}]}",
                "{\"events\":[{\"nope\" 1}]}",
                "{\"events\":[{\"nope\":1}",
                "{\"events\":[7,]}",
                "{\"events\":[7}",
                // JSON that does not fit outside the list.
                "{\"header\":{\"clientId\":7},\"events\":[{\"nope\":1}]}",
                "{\"events\":[{\"nope\":1}],\"header\":{\"nope\":1}}",
                "{\"events\":[{\"nope\":1}],\"events\":[]}",
                "{\"events\":{\"nope\":1}}",
                "{\"events\":[{\"nope\":1}],\"evnts\":[]}"
            })
    void what_is_not_json_or_does_not_fit_elsewhere_costs_the_document(String json) {
        assertThat(catchThrowableOfType(InvalidJsonException.class, () -> convert(json)))
                .as(json)
                .isNotNull();
    }

    @Test
    void a_syntax_error_is_reported_where_it_stands() {
        InvalidJsonException fault =
                catchThrowableOfType(
                        InvalidJsonException.class,
                        () ->
                                convert(
                                        "{\"events\":[{\"addToCartEvent\":{\"quantity\":1.5,"
                                                + "\"price\":oops}}]}"));
        assertThat(fault.field()).isEqualTo("events[0]");
        assertThat(fault.description()).contains("found oops at byte 53");
    }

    @Test
    void numbers_of_any_length_and_nesting_cost_only_their_element() throws Exception {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        JudgedList.Converted converted =
                convert(
                        "{\"events\":[{\"addToCartEvent\":{\"quantity\":"
                                + "9".repeat(5_000)
                                + "}},{\"nope\":"
                                + deep
                                + "},{\"id\":\"b\"}]}");
        assertThat(converted.misfits()).containsOnlyKeys(0, 1);
        assertThat(events(converted).get(2)).isEqualTo(event("b"));
    }

    @Test
    void nesting_without_end_costs_the_document() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertThat(
                        catchThrowableOfType(
                                InvalidJsonException.class,
                                () -> convert("{\"events\":[" + deep + "]}")))
                .hasMessageContaining("nested deeper than 10000 levels");
    }

    @Test
    void describes_so_many_misfits_and_no_more() throws Exception {
        int count = 3 * MISFITS_MAX;
        JudgedList.Converted converted = convert("{\"events\":[" + "7,".repeat(count - 1) + "7]}");
        assertThat(converted.misfits()).hasSize(MISFITS_MAX);
        assertThat(events(converted)).hasSize(count).containsOnly(Event.getDefaultInstance());
    }

    @Test
    void any_mixture_is_what_its_elements_are_alone() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> elements =
                List.of(
                        "{\"id\":\"1\",\"addToCartEvent\":{\"quantity\":3,\"price\":0.1}}",
                        "{\"addToCartEvent\":{\"quantity\":3.5}, \"id\":\"2\"}",
                        "{\"id\":\"3\",\"launchEvent\":{\"referrer\":\"\\u00e9\\n\"}}",
                        "{\"id\":\"4\",\"launchEvent\":{\"referrer\":\"\\ud800\"}}",
                        "{ \"nope\" : [ { \"a\" : [ ] } , -0.5e-3 , \"x\\\"]\" ] , \"id\":\"5\" }",
                        "{}",
                        "null",
                        " [ 1 , { } ] ",
                        "{\"id\":\"6\",\"addToCartEvent\":{\"productName\":\"☕\"}}");
        for (int round = 0; round < 300; round++) {
            List<String> chosen = new ArrayList<>();
            List<Event> wanted = new ArrayList<>();
            Map<Integer, Violation> misfits = new TreeMap<>();
            int count = 1 + random.nextInt(8);
            for (int i = 0; i < count; i++) {
                String element = elements.get(random.nextInt(elements.size()));
                chosen.add(element);
                JudgedList.Converted alone = convert("{\"events\":[" + element + "]}");
                wanted.addAll(events(alone));
                Violation misfit = alone.misfits().get(0);
                if (misfit != null) {
                    misfits.put(i, misfit);
                }
            }
            JudgedList.Converted all =
                    convert(
                            "{\"events\":["
                                    + String.join(" , ", chosen)
                                    + "],\"header\":{\"clientId\":\"z\"}}");
            assertThat(events(all)).as("seed %d: %s", seed, chosen).isEqualTo(wanted);
            assertThat(all.misfits().keySet())
                    .as("seed %d: %s", seed, chosen)
                    .isEqualTo(misfits.keySet());
        }
    }
}
