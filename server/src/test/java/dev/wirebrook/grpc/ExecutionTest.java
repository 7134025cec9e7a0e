package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecutionTest {
    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server = new EchoServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void runs_what_never_blocks_on_the_thread_that_reads_the_socket() {
        byte[] message = EchoSchema.message(new byte[100]);
        assertThat(server.call("Echo", message)).isEqualTo(message);
        assertThat(server.echoThread).isNotNull();
        assertThat(server.echoThread.getName()).startsWith("grpc-loop");
        assertThat(server.echoThread.isVirtual()).isFalse();
    }

    @Test
    void runs_what_may_block_on_a_virtual_thread() {
        byte[] message = EchoSchema.message(new byte[100]);
        assertThat(server.call("Block", message)).isEqualTo(message);
        assertThat(server.blockThread).isNotNull();
        assertThat(server.blockThread.isVirtual()).isTrue();
    }
}
