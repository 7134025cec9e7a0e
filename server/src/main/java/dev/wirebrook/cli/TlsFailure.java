package dev.wirebrook.cli;

import io.grpc.Status;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Why two sides did not come to speak with each other.
 *
 * @param what in the words of whoever found it
 * @param hint what to do next
 */
record TlsFailure(String what, String hint) {
    /** Of a call that failed for it, or for what may be it. */
    static Optional<TlsFailure> of(Status status) {
        if (status.getCode() != Status.Code.UNAVAILABLE) {
            return Optional.empty();
        }
        boolean isTls = false;
        boolean isUnknown = false;
        boolean isReset = false;
        String message = "";
        for (Throwable step = status.getCause(); step != null; step = step.getCause()) {
            isTls |= step instanceof SSLException;
            isUnknown |= step instanceof CertPathBuilderException;
            // What a server closes with that has not read all it was sent.
            isReset |=
                    step instanceof IOException
                            && String.valueOf(step.getMessage()).contains("Connection reset");
            if (isTls) {
                message = String.valueOf(step.getMessage());
            }
        }
        if (isTls) {
            return Optional.of(new TlsFailure(message, hint(message, isUnknown)));
        }
        return isReset || String.valueOf(status.getDescription()).startsWith("Network closed")
                ? Optional.of(
                        new TlsFailure(
                                "the server closed the connection at once",
                                "If it speaks TLS, say --tls, or --cacert with its authority."))
                : Optional.empty();
    }

    private static String hint(String message, boolean isUnknown) {
        String told = message.toLowerCase(Locale.ROOT);
        if (isUnknown) {
            return "Its certificate is signed by nobody known here: name its authority with"
                    + " --cacert FILE.";
        }
        if (told.contains("not an ssl/tls record")) {
            return "It speaks plain text: leave out --tls, --cacert and --cert.";
        }
        if (told.contains("fatal alert")) {
            return "It takes nobody whose certificate it does not know: give --cert and --key.";
        }
        return told.contains("subject alternative") || told.contains("no name matching")
                ? "Its certificate is for another name: ask for it by that, with --server."
                : "";
    }
}
