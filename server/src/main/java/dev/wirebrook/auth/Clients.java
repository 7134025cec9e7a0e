package dev.wirebrook.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who stood in the file of clients at one time. Immutable. */
public final class Clients {
    static final Clients NONE = new Clients(List.of());

    private final List<Client> all;
    private final Map<String, Client.OfKey> keysById = new HashMap<>();
    private final Map<String, Client.OfCertificate> certified = new HashMap<>();

    private Clients(List<Client> all) {
        this.all = List.copyOf(all);
        this.all.forEach(this::index);
    }

    private void index(Client client) {
        switch (client) {
            case Client.OfKey key -> keysById.put(key.id(), key);
            case Client.OfCertificate certificate ->
                    certified.put(certificate.certificate(), certificate);
        }
    }

    /**
     * @param file only to name it in errors
     * @throws IOException that names the line that is wrong, and says what it should be
     */
    static Clients parse(Path file, byte[] content) throws IOException {
        List<Client> clients = new ArrayList<>();
        Map<String, Integer> lineByName = new HashMap<>();
        int number = 0;
        for (String line : text(file, content).split("\n", -1)) {
            number++;
            if (!line.isBlank()) {
                Client client = parse(file, number, line);
                Integer before = lineByName.put(nameOf(client), number);
                if (before != null) {
                    throw new IOException(
                            "%s line %d: %s stands in line %d already"
                                    .formatted(file, number, nameOf(client), before));
                }
                clients.add(client);
            }
        }
        return new Clients(clients);
    }

    private static String text(Path file, byte[] content) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is no text in UTF-8", e);
        }
    }

    private static Client parse(Path file, int number, String line) throws IOException {
        try {
            return ClientLine.parse(line);
        } catch (IllegalArgumentException e) {
            throw new IOException("%s line %d: %s".formatted(file, number, e.getMessage()), e);
        }
    }

    private static String nameOf(Client client) {
        return switch (client) {
            case Client.OfKey key -> "key " + key.id();
            case Client.OfCertificate certified -> "certificate " + certified.certificate();
        };
    }

    /** In the order of the file. */
    public List<Client> all() {
        return all;
    }

    /** The key that has this id, revoked or not. */
    public Optional<Client.OfKey> key(String id) {
        return Optional.ofNullable(keysById.get(id));
    }

    Optional<Client.OfCertificate> certified(String name) {
        return Optional.ofNullable(certified.get(name));
    }
}
