package dev.wirebrook.auth;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The file of clients, to be changed: a line of JSON for each. A change replaces the file by a
 * whole new one, so that a server that reads meanwhile, or a crash, finds the old or the new; it
 * keeps the owner and the permissions. Two changes at a time wait for each other.
 */
public final class ClientsFile {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;

    public ClientsFile(Path file) {
        this.file = file;
    }

    /**
     * @throws IOException that names the line that is wrong
     */
    public Clients read() throws IOException {
        return Clients.parse(file, Files.readAllBytes(file));
    }

    /** Adds a client; makes the file, readable to its owner alone, when there is none. */
    public void append(Client client) throws IOException {
        makeUnlessThere();
        change(text -> {
            String whole = text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
            return whole + ClientLine.format(client) + "\n";
        });
    }

    /**
     * Revokes a key from now on. A key that is revoked already stays as it is.
     *
     * @return the key as it was; empty when there is none of this id
     */
    public Optional<Client.OfKey> revoke(String id, Instant now) throws IOException {
        Optional<Client.OfKey> known = read().key(id);
        if (known.isPresent() && known.get().revoked().isEmpty()) {
            change(text -> revoked(text, id, now));
        }
        return known;
    }

    private static String revoked(String text, String id, Instant now) {
        return Arrays.stream(text.split("\n", -1))
                .map(line ->
                        !line.isBlank()
                                        && ClientLine.parse(line) instanceof Client.OfKey key
                                        && key.id().equals(id)
                                ? ClientLine.format(revoked(key, now))
                                : line)
                .collect(Collectors.joining("\n"));
    }

    private static Client.OfKey revoked(Client.OfKey key, Instant now) {
        return new Client.OfKey(
                key.principal(),
                key.id(),
                key.sha256(),
                key.created(),
                key.expires(),
                Optional.of(now));
    }

    private void makeUnlessThere() throws IOException {
        try {
            Files.createFile(
                    file,
                    isPosix() ? new FileAttribute<?>[] {OWNER_ONLY} : new FileAttribute<?>[0]);
        } catch (FileAlreadyExistsException e) {
            // As it should be.
        }
    }

    private void change(UnaryOperator<String> change) throws IOException {
        Path real = file.toRealPath();
        // Of its own, and never deleted: a lock of a file that is replaced guards nothing.
        Path lock = real.resolveSibling("." + real.getFileName() + ".lock");
        try (FileChannel locked = FileChannel.open(lock, CREATE, WRITE);
                var _ = locked.lock()) {
            byte[] content = Files.readAllBytes(real);
            Clients.parse(file, content);
            replace(real, change.apply(new String(content, StandardCharsets.UTF_8)));
        }
    }

    private static void replace(Path real, String text) throws IOException {
        Path next = real.resolveSibling(real.getFileName() + ".new");
        Files.deleteIfExists(next);
        try {
            write(next, real, text);
            Files.move(
                    next,
                    real,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
        try (FileChannel folder = FileChannel.open(real.resolveSibling(""), READ)) {
            folder.force(true);
        }
    }

    private static void write(Path next, Path before, String text) throws IOException {
        FileAttribute<?>[] attributes =
                isPosix() ? new FileAttribute<?>[] {OWNER_ONLY} : new FileAttribute<?>[0];
        try (FileChannel channel = FileChannel.open(next, Set.of(CREATE_NEW, WRITE), attributes)) {
            if (isPosix()) {
                keepOwner(before, next);
            }
            ByteBuffer left = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    private static void keepOwner(Path before, Path next) throws IOException {
        PosixFileAttributes known = Files.readAttributes(before, PosixFileAttributes.class);
        PosixFileAttributeView view =
                Files.getFileAttributeView(next, PosixFileAttributeView.class);
        PosixFileAttributes made = view.readAttributes();
        if (!made.group().equals(known.group())) {
            view.setGroup(known.group());
        }
        if (!made.owner().equals(known.owner())) {
            view.setOwner(known.owner());
        }
        view.setPermissions(known.permissions());
    }

    private static boolean isPosix() {
        return java.nio.file.FileSystems.getDefault()
                .supportedFileAttributeViews()
                .contains("posix");
    }
}
