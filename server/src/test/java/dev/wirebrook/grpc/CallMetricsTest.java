package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import org.junit.jupiter.api.Test;

class CallMetricsTest {
    @Test
    void counts_calls_messages_and_bytes_by_method() throws Exception {
        try (EchoServer server = new EchoServer()) {
            for (int i = 0; i < 3; i++) {
                server.call("Echo", new byte[100]);
            }
            server.act =
                    (request, responses) -> {
                        throw new FailureException(Failure.InvalidRequest.of("a", "b"));
                    };
            Details.failing(() -> server.call("Act", new byte[10]));
            Details.failing(() -> server.call("Made.Up" + System.nanoTime(), new byte[1]));
            await().untilAsserted(() ->
                    assertThat(server.scrape())
                            .contains(
                                    "wirebrook_grpc_open_calls{method=\"test.EchoService/Echo\"} 0.0"));
            assertThat(server.scrape())
                    .contains(
                            "wirebrook_grpc_calls_total{code=\"OK\",method=\"test.EchoService/Echo\"} 3.0")
                    .contains(
                            "wirebrook_grpc_calls_total{code=\"INVALID_ARGUMENT\",method=\"test.EchoService/Act\"} 1.0")
                    .contains(
                            "wirebrook_grpc_calls_total{code=\"UNIMPLEMENTED\",method=\"unknown\"} 1.0")
                    .contains(
                            "wirebrook_grpc_messages_received_total{method=\"test.EchoService/Echo\"} 3.0")
                    .contains(
                            "wirebrook_grpc_received_bytes_total{method=\"test.EchoService/Echo\"} 300.0")
                    .contains(
                            "wirebrook_grpc_messages_sent_total{method=\"test.EchoService/Echo\"} 3.0")
                    .contains(
                            "wirebrook_grpc_sent_bytes_total{method=\"test.EchoService/Echo\"} 300.0")
                    .contains(
                            "wirebrook_grpc_call_seconds_count{method=\"test.EchoService/Echo\"} 3")
                    .contains("wirebrook_grpc_connections 1.0")
                    .doesNotContain("Made.Up");
        }
    }
}
