package dev.wirebrook.auth;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A client as a line of JSON, and back. What it refuses, it does not quote. */
final class ClientLine {
    private static final Set<String> OF_A_KEY =
            Set.of("id", "name", "tenant", "scopes", "sha256", "created", "expires", "revoked");
    private static final Set<String> OF_A_CERTIFICATE =
            Set.of("name", "tenant", "scopes", "certificate");

    private final JsonObject members;

    private ClientLine(JsonObject members) {
        this.members = members;
    }

    /**
     * @throws IllegalArgumentException that says what is wrong
     */
    static Client parse(String line) {
        ClientLine read = new ClientLine(object(line));
        boolean certified = read.members.has("certificate");
        read.requireOnly(certified ? OF_A_CERTIFICATE : OF_A_KEY);
        Principal principal = new Principal(read.name(), read.tenant(), read.scopes());
        return certified
                ? new Client.OfCertificate(principal, read.text("certificate"))
                : new Client.OfKey(
                        principal,
                        read.text("id"),
                        Digest.parse(read.text("sha256")),
                        read.time("created")
                                .orElseThrow(() ->
                                        new IllegalArgumentException("\"created\" is missing")),
                        read.time("expires"),
                        read.time("revoked"));
    }

    private static JsonObject object(String line) {
        try (JsonReader reader = new JsonReader(new StringReader(line))) {
            reader.setStrictness(Strictness.STRICT);
            if (reader.peek() == JsonToken.BEGIN_OBJECT) {
                JsonObject object = members(reader);
                if (reader.peek() == JsonToken.END_DOCUMENT) {
                    return object;
                }
            }
        } catch (IOException | JsonParseException e) {
            // Its message may quote the line.
        }
        throw new IllegalArgumentException("is not one object of JSON on one line");
    }

    private static JsonObject members(JsonReader reader) throws IOException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (object.has(name)) {
                throw new IllegalArgumentException(
                        "a member comes twice; expected each of them once");
            }
            object.add(name, JsonParser.parseReader(reader));
        }
        reader.endObject();
        return object;
    }

    private void requireOnly(Set<String> known) {
        for (String member : members.keySet()) {
            if (!known.contains(member)) {
                throw new IllegalArgumentException("\"%s\" has no meaning here".formatted(member));
            }
        }
    }

    private String name() {
        String name = text("name");
        if (!Principal.isName(name)) {
            throw new IllegalArgumentException(
                    "\"name\" has to be a text that can be seen, without control characters");
        }
        return name;
    }

    /**
     * The tenant, or an empty text if the line does not name one. Without a tenant a client may do
     * more, so an empty name is not taken for none.
     */
    private String tenant() {
        JsonElement element = members.get("tenant");
        if (element == null) {
            return "";
        }
        if (element instanceof JsonPrimitive text
                && text.isString()
                && TenantName.isValid(text.getAsString())) {
            return text.getAsString();
        }
        throw new IllegalArgumentException(
                "\"tenant\" is not a valid name of a tenant; expected %s. Leave \"tenant\" out for a client without one"
                        .formatted(TenantName.EXPECTED));
    }

    private String text(String member) {
        return optionalText(member)
                .orElseThrow(
                        () -> new IllegalArgumentException("\"%s\" is missing".formatted(member)));
    }

    private Optional<String> optionalText(String member) {
        JsonElement element = members.get(member);
        if (element == null) {
            return Optional.empty();
        }
        if (element instanceof JsonPrimitive text
                && text.isString()
                && !text.getAsString().isEmpty()) {
            return Optional.of(text.getAsString());
        }
        throw new IllegalArgumentException("\"%s\" has to be a text".formatted(member));
    }

    private Optional<Instant> time(String member) {
        return optionalText(member)
                .map(text -> {
                    try {
                        return Instant.parse(text);
                    } catch (DateTimeParseException e) {
                        throw new IllegalArgumentException(
                                "\"%s\" is no time, such as 2026-12-31T00:00:00Z".formatted(member),
                                e);
                    }
                });
    }

    private Set<Scope> scopes() {
        if (!(members.get("scopes") instanceof JsonArray array)) {
            throw new IllegalArgumentException(
                    "\"scopes\" has to be a list, such as [\"events:write\"]");
        }
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (JsonElement element : array) {
            if (!(element instanceof JsonPrimitive text && text.isString())) {
                throw new IllegalArgumentException("\"scopes\" has to hold texts only");
            }
            scopes.add(Scope.known(text.getAsString()));
        }
        return scopes;
    }

    /** Without a line's end. */
    static String format(Client client) {
        JsonObject members = new JsonObject();
        switch (client) {
            case Client.OfKey key -> {
                members.addProperty("id", key.id());
                describe(key.principal(), members);
                members.addProperty("sha256", key.sha256().toString());
                members.addProperty("created", key.created().toString());
                key.expires().ifPresent(end -> members.addProperty("expires", end.toString()));
                key.revoked().ifPresent(since -> members.addProperty("revoked", since.toString()));
            }
            case Client.OfCertificate certified -> {
                describe(certified.principal(), members);
                members.addProperty("certificate", certified.certificate());
            }
        }
        return members.toString();
    }

    private static void describe(Principal principal, JsonObject members) {
        members.addProperty("name", principal.name());
        if (!principal.tenant().isEmpty()) {
            members.addProperty("tenant", principal.tenant());
        }
        JsonArray scopes = new JsonArray();
        principal.scopes().forEach(scope -> scopes.add(scope.text()));
        members.add("scopes", scopes);
    }
}
