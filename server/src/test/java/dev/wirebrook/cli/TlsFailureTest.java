package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class TlsFailureTest {
    private static Status ioException(IOException cause) {
        return Status.UNAVAILABLE.withDescription("io exception").withCause(cause);
    }

    @Test
    void a_server_that_hangs_up_may_speak_tls_whichever_way_it_does() {
        assertThat(
                        TlsFailure.of(
                                Status.UNAVAILABLE.withDescription(
                                        "Network closed for unknown reason")))
                .get()
                .satisfies(failure -> assertThat(failure.hint()).contains("--tls"));
        assertThat(
                        TlsFailure.of(
                                ioException(
                                        new IOException(
                                                "recvAddress(..) failed with error(-104): Connection reset by peer"))))
                .get()
                .satisfies(failure -> assertThat(failure.hint()).contains("--tls"));
    }

    @Test
    void a_server_that_is_not_there_has_nothing_to_do_with_it() {
        assertThat(TlsFailure.of(ioException(new ConnectException("Connection refused"))))
                .isEmpty();
    }
}
