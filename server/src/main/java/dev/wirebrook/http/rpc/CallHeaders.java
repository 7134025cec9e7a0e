package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Between the headers of HTTP and the metadata of a call. */
final class CallHeaders {
    /** What belongs to the connection, the body or the browser, and is nothing of the call's. */
    private static final Set<String> NOT_METADATA =
            Set.of(
                    "connection",
                    "cookie",
                    "date",
                    "dnt",
                    "expect",
                    "host",
                    "http2-settings",
                    "keep-alive",
                    "origin",
                    "priority",
                    "referer",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "upgrade-insecure-requests");

    private static final List<String> NOT_METADATA_FROM =
            List.of("accept", "connect-", "content-", "grpc-", "proxy-", "sec-", "x-http2-");

    private static final Pattern NAME = Pattern.compile("[0-9a-z_.-]+");
    private static final Pattern GRPC_TIMEOUT = Pattern.compile("([0-9]{1,8})([HMSmun])");
    private static final Pattern CONNECT_TIMEOUT = Pattern.compile("[0-9]{1,10}");

    private CallHeaders() {}

    /** What of the request's headers is the call's metadata. */
    static Metadata metadata(Exchange exchange) {
        Metadata metadata = new Metadata();
        for (Map.Entry<String, String> header : exchange.headers()) {
            String name = header.getKey();
            if (isMetadata(name)) {
                if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                    putBinary(metadata, name, header.getValue());
                } else if (isAscii(header.getValue())) {
                    metadata.put(
                            Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER),
                            header.getValue());
                }
            }
        }
        return metadata;
    }

    private static boolean isMetadata(String name) {
        return !NOT_METADATA.contains(name)
                && NOT_METADATA_FROM.stream().noneMatch(name::startsWith)
                && NAME.matcher(name).matches();
    }

    private static void putBinary(Metadata metadata, String name, String text) {
        for (String value : text.split(",", -1)) {
            try {
                metadata.put(
                        Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
                        Base64.getDecoder().decode(value.strip()));
            } catch (IllegalArgumentException e) {
                throw new FailureException(
                        Failure.InvalidRequest.of(name, "is no base64, as headers in -bin are"));
            }
        }
    }

    private static boolean isAscii(String value) {
        return value.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
    }

    /** Hands each value of the metadata to the target, as text. */
    static void each(Metadata metadata, BiConsumer<String, String> target) {
        for (String name : metadata.keys()) {
            List<String> values = new ArrayList<>();
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                Iterable<byte[]> all =
                        metadata.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
                if (all != null) {
                    all.forEach(value ->
                            values.add(Base64.getEncoder().withoutPadding().encodeToString(value)));
                }
            } else {
                Iterable<String> all =
                        metadata.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
                if (all != null) {
                    all.forEach(values::add);
                }
            }
            if (!values.isEmpty()) {
                target.accept(name, String.join(", ", values));
            }
        }
    }

    /**
     * Refuses other versions of the Connect protocol than 1, as it asks servers to.
     *
     * @throws FailureException when the request has another
     */
    static void requireKnownProtocol(Exchange exchange) {
        String version = exchange.header("connect-protocol-version");
        if (version != null && !version.equals("1")) {
            throw invalid("connect-protocol-version", "is not 1, the only version known here");
        }
    }

    /**
     * The time that the client gives the call.
     *
     * @throws FailureException when it is no time
     */
    static Optional<Duration> timeout(Exchange exchange) {
        String grpc = exchange.header("grpc-timeout");
        if (grpc != null) {
            Matcher matcher = GRPC_TIMEOUT.matcher(grpc);
            if (!matcher.matches()) {
                throw invalid("grpc-timeout", "is up to 8 digits and a unit of H, M, S, m, u, n");
            }
            return Optional.of(duration(Long.parseLong(matcher.group(1)), matcher.group(2)));
        }
        String connect = exchange.header("connect-timeout-ms");
        if (connect == null) {
            return Optional.empty();
        }
        if (!CONNECT_TIMEOUT.matcher(connect).matches()) {
            throw invalid("connect-timeout-ms", "is up to 10 digits");
        }
        return Optional.of(Duration.ofMillis(Long.parseLong(connect)));
    }

    private static Duration duration(long count, String unit) {
        return switch (unit.charAt(0)) {
            case 'H' -> Duration.ofHours(count);
            case 'M' -> Duration.ofMinutes(count);
            case 'S' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMillis(count);
            case 'u' -> Duration.ofNanos(1_000 * count);
            default -> Duration.ofNanos(count);
        };
    }

    private static FailureException invalid(String field, String description) {
        return new FailureException(Failure.InvalidRequest.of(field, description));
    }

    /** The type of the body without its parameters, in lower case; empty when there is none. */
    static String contentType(Exchange exchange) {
        String value = exchange.header("content-type");
        if (value == null) {
            return "";
        }
        int parameters = value.indexOf(';');
        return (parameters < 0 ? value : value.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** As in the trailers of gRPC: percent-encoded UTF-8. */
    static String encodedMessage(String message) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : message.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0x20 && octet < 0x7f && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append("%02X".formatted(octet & 0xff));
            }
        }
        return encoded.toString();
    }
}
