package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Compression of bodies and messages. */
final class Gzip {
    /** Below it compressing costs more than it saves. */
    static final int BYTES_MIN = 1 << 10;

    private Gzip() {}

    /**
     * What was compressed.
     *
     * @param coding as a header names it; null and {@code identity} are none
     * @throws FailureException when the coding is not known, the bytes are none of it, or longer
     *     than the most when they are plain
     */
    static byte[] inflate(@Nullable String coding, byte[] bytes, int bytesMax) {
        if (coding == null || coding.strip().equalsIgnoreCase("identity") || coding.isBlank()) {
            return bytes;
        }
        if (!isKnown(coding)) {
            throw new FailureException(
                    new Failure.Unimplemented(
                            "compression %s is not known here; send gzip or none"
                                    .formatted(
                                            coding.substring(0, Math.min(40, coding.length())))));
        }
        try (GzipMembers members = new GzipMembers(bytes, bytesMax)) {
            return members.inflate()
                    .orElseThrow(() -> new FailureException(Failure.TooLarge.ofMessage(bytesMax)));
        } catch (IOException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of("body", "is not the gzip that its header says"));
        }
    }

    /** Whether a body in this coding can be read; x-gzip is another name (RFC 9110, 8.4.1.3). */
    static boolean isKnown(@Nullable String coding) {
        return switch (coding == null ? "" : coding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity", "gzip", "x-gzip" -> true;
            default -> false;
        };
    }

    static byte[] deflate(byte[] bytes) {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream(bytes.length / 2);
        try (GZIPOutputStream target = new GZIPOutputStream(deflated)) {
            target.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return deflated.toByteArray();
    }
}
