package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.EventSource.NumberedEvent;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.StringReader;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GroupEventsTest {
    private static final String FILE =
            """
            invoice,quantity,price,code
            A,2,1.10,x
            B,1,5,y
            A,3,0.2,
            B,-1,2.5,y
            """;

    @Test
    void reduces_the_rows_of_a_group_wherever_they_stand() throws Exception {
        assertThat(load(FILE, "sum(quantity*price)", 0, 10))
                .containsExactly("1 p-1 A 2.8", "2 p-2 B 2.5");
    }

    @Test
    void has_the_usual_aggregates() throws Exception {
        assertThat(load(FILE, "count()", 0, 10)).containsExactly("1 p-1 A 2.0", "2 p-2 B 2.0");
        assertThat(load(FILE, "count(code)", 0, 10)).containsExactly("1 p-1 A 1.0", "2 p-2 B 2.0");
        assertThat(load(FILE, "min(price)", 0, 10)).containsExactly("1 p-1 A 0.2", "2 p-2 B 2.5");
        assertThat(load(FILE, "max(quantity)+1", 0, 10))
                .containsExactly("1 p-1 A 4.0", "2 p-2 B 2.0");
        assertThat(load(FILE, "first(price)", 0, 10)).containsExactly("1 p-1 A 1.1", "2 p-2 B 5.0");
        assertThat(load(FILE, "price", 0, 10)).containsExactly("1 p-1 A 1.1", "2 p-2 B 5.0");
        assertThat(load(FILE, "sum(price)/count()", 0, 10))
                .containsExactly("1 p-1 A 0.65", "2 p-2 B 3.75");
    }

    @Test
    void adds_decimals_exactly() throws Exception {
        assertThat(load("invoice,price\n" + "A,0.1\n".repeat(1_000), "sum(price)", 0, 10))
                .containsExactly("1 p-1 A 100.0");
    }

    @Test
    void goes_on_behind_what_is_done() throws Exception {
        assertThat(load(FILE, "count()", 1, 10)).containsExactly("2 p-2 B 2.0");
    }

    @Test
    void a_bad_row_spoils_its_group_and_no_other() throws Exception {
        String file = "invoice,price\nA,1\nB,x\nB,1\n,1\nA,1,1\nA,2\n";
        assertThat(load(file, "sum(price)", 0, 10))
                .containsExactly(
                        "4 column invoice: is empty, so the row has no group",
                        "5 has 3 fields, the header 2",
                        "1 p-1 A 3.0",
                        "2 group invoice=B: row 2, column price: \"x\" is not a number");
    }

    @Test
    void holds_only_so_many_groups() {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> load(FILE, "count()", 0, 1))
                .withMessageContaining("more than 1 groups")
                .satisfies(failure -> assertThat(failure.hint()).contains("--groups-max"));
    }

    private static List<String> load(String file, String amount, long rowsDone, int groupsMax)
            throws IOException {
        CsvSource rows = new CsvSource(new StringReader(file), ',');
        MappingSpec spec =
                new MappingSpec(
                        "CompletePurchaseEvent",
                        Map.of("orderId", "invoice", "totalAmount", amount),
                        Map.of(),
                        List.of("invoice"),
                        "",
                        ZoneOffset.UTC);
        EventMapping mapping = EventMapping.of(EventCatalog.standard(), spec, rows.columns());
        GroupEvents events =
                new GroupEvents(
                        rows, mapping, spec.groupBy(), groupsMax, "p", rowsDone, () -> true);
        List<String> read = new ArrayList<>();
        while (true) {
            try {
                NumberedEvent next = events.next();
                if (next == null) {
                    return read;
                }
                Event event = Event.parseFrom(next.event());
                read.add(
                        next.number()
                                + " "
                                + event.getId()
                                + " "
                                + event.getCompletePurchaseEvent().getOrderId()
                                + " "
                                + event.getCompletePurchaseEvent().getTotalAmount());
            } catch (RowFault e) {
                read.add(events.number() + " " + e.text());
            }
        }
    }
}
