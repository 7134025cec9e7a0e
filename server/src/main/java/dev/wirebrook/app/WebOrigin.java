package dev.wirebrook.app;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** The origin of a web page as browsers send it (RFC 6454, 6.1). */
final class WebOrigin {
    private WebOrigin() {}

    /**
     * @throws IllegalArgumentException with what would be right
     */
    static String parse(String text) {
        if (text.equals("*")) {
            return text;
        }
        try {
            URI uri = new URI(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getRawPath().isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawUserInfo() == null) {
                return text.toLowerCase(Locale.ROOT);
            }
        } catch (URISyntaxException e) {
            // As for every other text that is none.
        }
        throw new IllegalArgumentException(
                "\"%s\" is no origin; write it as browsers send it, as in https://app.example, or *"
                        .formatted(text));
    }
}
