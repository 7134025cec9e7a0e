package dev.wirebrook.market.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What Redis runs for us, each time without anything of another client's between. */
enum MarketScript {
    OPEN("open.lua"),
    PUBLISH("publish.lua");

    private final String text;

    MarketScript(String file) {
        try (InputStream in = MarketScript.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not among the classes");
            }
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return text;
    }
}
