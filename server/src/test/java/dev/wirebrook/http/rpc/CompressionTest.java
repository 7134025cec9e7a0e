package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.grpc.EchoSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies and messages that are small only while they are compressed. */
@Timeout(60)
class CompressionTest {
    private static final String UNARY = "application/proto";
    private static final String GRPC_WEB = "application/grpc-web+proto";
    private static final String CONNECT_STREAM = "application/connect+proto";

    private EchoWeb web;

    @BeforeEach
    void start() throws Exception {
        web = new EchoWeb(EchoWeb.settings(100, 10, 16 << 20));
    }

    @AfterEach
    void stop() {
        web.close();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            zipped.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] repeated(byte[] part, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The whole answer. */
    private String post(String method, String type, byte[] body) throws IOException {
        try (Socket socket = web.connect()) {
            OutputStream out = socket.getOutputStream();
            String head =
                    """
                    POST /test.EchoService/%s HTTP/1.1
                    Host: localhost
                    Connection: close
                    Content-Type: %s
                    %s: gzip
                    Content-Length: %d

                    """
                            .replace("\n", "\r\n")
                            .formatted(method, type, codingHeader(type), body.length);
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String codingHeader(String type) {
        return switch (type) {
            case GRPC_WEB -> "grpc-encoding";
            case CONNECT_STREAM -> "connect-content-encoding";
            default -> "content-encoding";
        };
    }

    @ParameterizedTest
    @CsvSource({
        "Echo, application/json, HTTP/1.1 413",
        "Echo, application/proto, HTTP/1.1 413",
        "Echo, application/grpc-web+proto, grpc-status: 8",
        "Tail, application/connect+proto, resource_exhausted"
    })
    void refuses_what_grows_a_thousandfold(String method, String type, String refusal)
            throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        boolean framed = type.equals(GRPC_WEB) || type.equals(CONNECT_STREAM);
        assertThat(post(method, type, framed ? Frames.frame(Frames.COMPRESSED, bomb) : bomb))
                .contains(refusal, "longer than 1048576 bytes");
        web.serves();
    }

    @ParameterizedTest
    @CsvSource({
        "Echo, application/grpc-web+proto, grpc-status: 3",
        "Tail, application/connect+proto, invalid_argument"
    })
    void takes_one_message_of_many_that_are_small_only_together(
            String method, String type, String refusal) throws Exception {
        byte[] bomb = Frames.frame(Frames.COMPRESSED, gzip(new byte[1 << 20]));
        assertThat(post(method, type, repeated(bomb, 900))).contains(refusal, "several messages");
        assertThat(post(method, type, repeated(Frames.frame(0, new byte[0]), 200_000)))
                .contains(refusal, "several messages");
        web.serves();
    }

    @Test
    void reads_members_one_after_the_other() throws Exception {
        byte[] message = EchoSchema.message(new byte[5_000]);
        byte[] members = repeated(gzip(Arrays.copyOf(message, 100)), 1);
        byte[] rest = gzip(Arrays.copyOfRange(message, 100, message.length));
        byte[] both = Arrays.copyOf(members, members.length + rest.length);
        System.arraycopy(rest, 0, both, members.length, rest.length);
        assertThat(Gzip.inflate("gzip", both, 10_000)).isEqualTo(message);
    }

    @Test
    void refuses_members_that_are_too_long_only_together() throws Exception {
        assertThat(post("Echo", UNARY, repeated(gzip(new byte[512 << 10]), 500)))
                .startsWith("HTTP/1.1 413");
        web.serves();
    }

    @Test
    void reads_members_that_hold_nothing_however_many() throws Exception {
        assertThat(post("Echo", UNARY, repeated(gzip(new byte[0]), 50_000)))
                .startsWith("HTTP/1.1 200");
        web.serves();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1f",
                "1f8b08",
                "1f8b0800000000000003",
                "1f8b08040000000000030500",
                "1f8b080800000000000341",
                "1f8b080000000000000307",
                "1f8b080000000000000303000000000000000001",
                "1f8b08000000000000030300000000000000000000",
                "504b0304"
            })
    void refuses_what_is_no_gzip(String hex) throws Exception {
        assertThat(post("Echo", UNARY, java.util.HexFormat.of().parseHex(hex)))
                .startsWith("HTTP/1.1 400")
                .contains("gzip");
    }
}
