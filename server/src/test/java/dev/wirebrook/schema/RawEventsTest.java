package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import org.junit.jupiter.api.Test;

class RawEventsTest {
    private final RawEvents rawEvents = new RawEvents(EventCatalog.standard());
    private final Event event =
            Event.newBuilder()
                    .setId("e".repeat(200))
                    .setLaunchEvent(LaunchEvent.getDefaultInstance())
                    .build();

    @Test
    void makes_the_batch_of_one_event() {
        Header header = Header.newBuilder().setClientId("web").build();
        assertThat(rawEvents.batchOf(header.toByteArray(), event.toByteArray()))
                .isEqualTo(
                        Events.newBuilder()
                                .setHeader(header)
                                .addEvents(event)
                                .build()
                                .toByteArray());
    }

    @Test
    void leaves_out_an_empty_header() {
        assertThat(rawEvents.batchOf(new byte[0], event.toByteArray()))
                .isEqualTo(Events.newBuilder().addEvents(event).build().toByteArray());
    }

    @Test
    void keeps_bytes_that_are_no_event() {
        byte[] batch = rawEvents.batchOf(new byte[0], new byte[] {7, 7});
        assertThat(batch).containsExactly(0x2A, 2, 7, 7);
    }
}
