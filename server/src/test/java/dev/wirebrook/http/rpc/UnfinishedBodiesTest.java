package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thousand clients that send nearly all of a body, and never the rest. */
@Timeout(60)
class UnfinishedBodiesTest {
    private static final int CLIENTS = 1_000;
    private static final long BODIES_BYTES_MAX = 16 << 20;
    private static final int PIECE_BYTES = 32 << 10;
    private static final int PIECES = 31;

    @Test
    void hold_no_more_than_they_may_all_together_and_keep_nobody_from_calling() throws Exception {
        byte[] piece = new byte[PIECE_BYTES];
        String head =
                "POST /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/proto\r\nContent-Length: %d\r\n\r\n"
                        .formatted(EchoWeb.MESSAGE_BYTES_MAX);
        try (EchoWeb web = new EchoWeb(EchoWeb.settings(2_000, 10, BODIES_BYTES_MAX))) {
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    Socket socket = web.connect();
                    socket.setSoLinger(true, 0);
                    clients.add(socket);
                    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                }
                for (int i = 0; i < PIECES && !clients.isEmpty(); i++) {
                    clients.removeIf(socket -> !sends(socket, piece));
                    assertThat(web.metric("wirebrook_http_unfinished_bytes"))
                            .isLessThanOrEqualTo(BODIES_BYTES_MAX);
                    web.serves();
                }
            } finally {
                for (Socket socket : clients) {
                    socket.close();
                }
            }
            // Each holds 64 KiB at the least by its second piece.
            assertThat(web.metric("wirebrook_http_unfinished_given_up_total"))
                    .isGreaterThan(CLIENTS - BODIES_BYTES_MAX / (64 << 10) - 1);
            web.serves();
            web.holdsNothing();
        }
    }

    /** Sends unless an answer has come, which is that the body was given up. */
    private static boolean sends(Socket socket, byte[] piece) {
        try {
            if (socket.getInputStream().available() > 0) {
                String status =
                        new String(
                                socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                assertThat(status).isEqualTo("HTTP/1.1 503");
                socket.close();
                return false;
            }
            socket.getOutputStream().write(piece);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
