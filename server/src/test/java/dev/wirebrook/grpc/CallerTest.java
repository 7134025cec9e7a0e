package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class CallerTest {
    @Test
    void is_known_to_handlers_on_the_event_loop_and_on_virtual_threads() throws Exception {
        List<Caller> seen = new CopyOnWriteArrayList<>();
        try (EchoServer server = new EchoServer()) {
            server.act =
                    (request, responses) -> {
                        seen.add(Caller.current());
                        responses.onNext(request);
                        responses.onCompleted();
                    };
            server.chat =
                    (message, responses) -> {
                        seen.add(Caller.current());
                        responses.onNext(message);
                    };
            server.call("Act", new byte[1]);
            server.chat(new byte[1]);
        }
        assertThat(seen).hasSize(2);
        assertThat(seen.getFirst().address()).matches("127\\.0\\.0\\.1:\\d+");
        assertThat(seen.getFirst()).as("one connection").isEqualTo(seen.getLast());
    }

    @Test
    void is_nobody_from_outside_elsewhere() {
        assertThat(Caller.current().address()).isEqualTo("in-process");
    }
}
