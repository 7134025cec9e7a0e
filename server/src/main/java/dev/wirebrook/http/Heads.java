package dev.wirebrook.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What stands in the heads of requests and answers. */
final class Heads {
    /** So that browsers make nothing of an answer but what its type says. */
    private static final List<Map.Entry<String, String>> CAREFUL =
            List.of(
                    Map.entry("x-content-type-options", "nosniff"),
                    Map.entry("x-frame-options", "DENY"),
                    Map.entry(
                            "content-security-policy",
                            "default-src 'none'; frame-ancestors 'none'"),
                    Map.entry("referrer-policy", "no-referrer"),
                    Map.entry("cross-origin-resource-policy", "same-origin"));

    private Heads() {}

    /** The head of a request that came with its body. */
    static HttpRequest of(FullHttpRequest whole) {
        DefaultHttpRequest head =
                new DefaultHttpRequest(
                        whole.protocolVersion(), whole.method(), whole.uri(), whole.headers());
        head.setDecoderResult(whole.decoderResult());
        return head;
    }

    static void careful(HttpHeaders headers) {
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        CAREFUL.forEach(header -> headers.set(header.getKey(), header.getValue()));
    }

    static List<Map.Entry<String, String>> entries(HttpHeaders headers) {
        List<Map.Entry<String, String>> entries = new ArrayList<>();
        for (Map.Entry<String, String> header : headers) {
            entries.add(Map.entry(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        }
        return entries;
    }

    /**
     * Whether a request names its host, and only one: what stands between might go by one name, and
     * we by the other (RFC 9112, 3.2).
     */
    static boolean saysItsHost(HttpRequest request, boolean stream) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.isEmpty()) {
            return stream || request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        }
        return hosts.size() == 1
                && authority(request.uri()).map(hosts.getFirst()::equalsIgnoreCase).orElse(true);
    }

    /** Whether its body is in something else than chunks, which nobody here would undo. */
    static boolean isCodedOtherwise(HttpRequest request) {
        List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return !codings.isEmpty()
                && !(codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked"));
    }

    /** Of a request target that is a whole URI. */
    private static Optional<String> authority(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        return scheme < 0
                ? Optional.empty()
                : Optional.of(target.substring(scheme + 3).split("[/?#]", 2)[0]);
    }

    /** The path of a request target, which may be a whole URI. */
    static String path(String target) {
        int from = 0;
        if (!target.startsWith("/")) {
            int scheme = target.indexOf("://");
            int slash = scheme < 0 ? -1 : target.indexOf('/', scheme + 3);
            if (slash < 0) {
                return scheme < 0 ? target : "/";
            }
            from = slash;
        }
        int query = target.indexOf('?', from);
        return query < 0 ? target.substring(from) : target.substring(from, query);
    }
}
