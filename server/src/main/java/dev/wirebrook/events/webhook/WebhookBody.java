package dev.wirebrook.events.webhook;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A body as it came, and what it says. Its numbers are kept as their digits, since ids beyond 2^53
 * would not survive as floating point. Confined to one thread.
 */
final class WebhookBody {
    private static final TypeAdapter<JsonElement> ELEMENTS =
            new Gson().getAdapter(JsonElement.class);

    private static final String ADVICE =
            "Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON";

    private final byte[] bytes;
    private @Nullable String text;
    private @Nullable JsonElement json;

    WebhookBody(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    /**
     * The body as text, fit to be stored as JSON: without a byte order mark, and with U+FFFD for
     * each escaped half of a surrogate pair that has no other half. Senders that cut texts after so
     * many UTF-16 units make such halves. A warehouse refuses JSON with either, and one such row
     * would fail every query that reads the column as JSON.
     *
     * @throws UnfitException when it is no UTF-8
     */
    String text() throws UnfitException {
        if (text == null) {
            try {
                text =
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(bytes))
                                .toString();
                text = JsonRepair.repaired(text);
            } catch (CharacterCodingException e) {
                throw new UnfitException("the body is no UTF-8", e);
            }
        }
        return text;
    }

    /**
     * The body as JSON.
     *
     * @throws UnfitException when it is none
     */
    JsonElement json() throws UnfitException {
        if (json == null) {
            json = parsed(text());
        }
        return json;
    }

    /** The text at a path, or empty when there is none, or no JSON at all. */
    String textAt(JsonPath path) {
        try {
            JsonElement found = path.find(json());
            return found != null && found.isJsonPrimitive() ? found.getAsString() : "";
        } catch (UnfitException e) {
            return "";
        }
    }

    private static JsonElement parsed(String text) throws UnfitException {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = ELEMENTS.read(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new UnfitException("the body goes on behind its JSON");
            }
            return element == null ? JsonNull.INSTANCE : element;
        } catch (MalformedJsonException e) {
            throw new UnfitException("the body is no JSON: " + reason(e), e);
        } catch (IOException | JsonParseException e) {
            throw new UnfitException(
                    "the body is no JSON: it ends too early or is no such text", e);
        }
    }

    /**
     * Without what Gson tells programmers: how to be lenient, and, behind the first line, a link.
     */
    private static String reason(MalformedJsonException e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return line.startsWith(ADVICE) ? "malformed" + line.substring(ADVICE.length()) : line;
    }
}
