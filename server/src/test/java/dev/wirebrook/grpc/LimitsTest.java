package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.wirebrook.grpc.GrpcServerSettings.CallLimits;
import dev.wirebrook.grpc.GrpcServerSettings.ConnectionLimits;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
    private static final int MESSAGE_BYTES_MAX = 256 << 10;

    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT
                                .withCalls(
                                        CallLimits.DEFAULT
                                                .withMessageBytesMax(MESSAGE_BYTES_MAX)
                                                .withMetadataBytesMax(8 << 10))
                                .withConnections(
                                        ConnectionLimits.DEFAULT
                                                .withConnectionsMax(3)
                                                .withCallsPerConnectionMax(10)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void takes_a_message_of_exactly_the_limit() {
        byte[] message = new byte[MESSAGE_BYTES_MAX];
        assertThat(server.call("Echo", message)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({
        "Echo, 1",
        "Echo, 100000",
        "Echo, 50000000",
        "Block, 1",
        "Block, 100000",
        "Block, 50000000"
    })
    void refuses_a_longer_one_with_details_and_without_retry(String method, int bytesAbove) {
        Details refused =
                Details.failing(
                        () -> server.call(method, new byte[MESSAGE_BYTES_MAX + bytesAbove]));
        assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.message()).contains(Integer.toString(MESSAGE_BYTES_MAX));
        assertThat(refused.detail(RetryInfo.class)).isEmpty();
        ErrorInfo info = refused.detail(ErrorInfo.class).orElseThrow();
        assertThat(info.getReason()).isEqualTo("TOO_LARGE");
        assertThat(info.getDomain()).isEqualTo("wirebrook.dev");
        assertThat(info.getMetadataMap())
                .containsEntry("limit", "grpc.max-message-bytes")
                .containsEntry("max", Integer.toString(MESSAGE_BYTES_MAX));
    }

    @Test
    void refuses_what_decompresses_to_more_than_the_limit() {
        Details refused =
                Details.failing(() ->
                        ClientCalls.blockingUnaryCall(
                                server.channel,
                                method("Echo", MethodType.UNARY),
                                CallOptions.DEFAULT.withCompression("gzip"),
                                new byte[50_000_000]));
        assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.detail(ErrorInfo.class).orElseThrow().getReason())
                .isEqualTo("TOO_LARGE");
    }

    @Test
    void takes_compressed_messages() {
        byte[] message = new byte[MESSAGE_BYTES_MAX];
        assertThat(
                        ClientCalls.blockingUnaryCall(
                                server.channel,
                                method("Echo", MethodType.UNARY),
                                CallOptions.DEFAULT.withCompression("gzip"),
                                message))
                .isEqualTo(message);
    }

    @Test
    void names_what_is_wrong_with_a_malformed_message() {
        Details refused =
                Details.failing(() -> server.call("Typed", new byte[] {0x0a, 0x7f, 1, 2}));
        assertThat(refused.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                .singleElement()
                .satisfies(violation -> assertThat(violation.getField()).isEqualTo("message"));
    }

    /** The transport refuses these before they are read; the client's library says so by itself. */
    @Test
    void refuses_metadata_above_the_limit_and_keeps_the_connection() {
        assertThat(Details.failing(() -> echoWithMetadata(9_000)).code())
                .isIn(Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED);
        assertThat(echoWithMetadata(7_000)).isEmpty();
        assertThat(server.scrape()).contains("wirebrook_grpc_connections_accepted_total 1.0");
    }

    private byte[] echoWithMetadata(int bytes) {
        Metadata large = new Metadata();
        large.put(Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(bytes));
        return ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(
                        server.channel, MetadataUtils.newAttachHeadersInterceptor(large)),
                method("Echo", MethodType.UNARY),
                CallOptions.DEFAULT,
                new byte[0]);
    }

    @Test
    void goes_on_serving_the_connection_of_a_refused_call() {
        Details.failing(() -> server.call("Echo", new byte[50_000_000]));
        assertThat(server.call("Echo", new byte[10])).hasSize(10);
        assertThat(server.scrape()).contains("wirebrook_grpc_connections_accepted_total 1.0");
    }

    @Test
    void closes_connections_above_the_limit_and_keeps_the_others() throws Exception {
        server.call("Echo", new byte[1]);
        ManagedChannel second = server.channel();
        ManagedChannel third = server.channel();
        ManagedChannel fourth = server.channel();
        try {
            for (ManagedChannel channel : new ManagedChannel[] {second, third}) {
                assertThat(echo(channel)).hasSize(1);
            }
            assertThat(Details.failing(() -> echo(fourth)).code())
                    .isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(echo(second)).hasSize(1);
            second.shutdownNow();
            second.awaitTermination(5, TimeUnit.SECONDS);
            await().ignoreExceptions().untilAsserted(() -> assertThat(echo(fourth)).hasSize(1));
        } finally {
            second.shutdownNow();
            third.shutdownNow();
            fourth.shutdownNow();
        }
    }

    private static byte[] echo(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(
                channel, method("Echo", MethodType.UNARY), CallOptions.DEFAULT, new byte[1]);
    }
}
