package dev.wirebrook.journal;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real directory. Thread-safe except {@link #lock} and {@link #close}. */
final class DiskStorage implements JournalStorage {
    /** Windows neither opens a directory nor needs it forced. */
    private static final boolean DIRECTORIES_CAN_BE_FORCED = File.separatorChar == '/';

    /**
     * What this process holds. A POSIX lock goes when its process closes any descriptor of the
     * file, so the file must not even be looked at to learn that we hold it ourselves.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private @Nullable Path held;
    private @Nullable FileChannel lockChannel;

    DiskStorage(Path directory) {
        this.directory = directory.toAbsolutePath();
    }

    @Override
    public List<String> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = new ArrayList<>();
            files.forEach(file -> names.add(String.valueOf(file.getFileName())));
            return names;
        }
    }

    @Override
    public JournalFile create(String name) throws IOException {
        return open(
                name,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @Override
    public void reserve(String name, long bytes) throws IOException {
        requireRoom(name, bytes);
        if (!PosixFiles.reserve(directory.resolve(name), bytes)) {
            try (JournalFile file = openForWriting(name)) {
                Zeros.write(file, file.size(), bytes);
            }
        }
    }

    /**
     * A try that fails half-way has taken what was left meanwhile, and whoever else writes to this
     * disk then finds it full.
     */
    private void requireRoom(String name, long bytes) throws IOException {
        Path file = directory.resolve(name);
        FileStore disk = Files.getFileStore(file);
        long needed = bytes - Files.size(file);
        long left = disk.getUsableSpace();
        // Some file systems cannot tell: they call themselves empty.
        if (left < needed && disk.getTotalSpace() > 0) {
            throw new IOException(
                    "No space left on device: %,d bytes are needed, there are %,d"
                            .formatted(needed, left));
        }
    }

    @Override
    public void forget(String name) {
        PosixFiles.forget(directory.resolve(name));
    }

    @Override
    public JournalFile openForReading(String name) throws IOException {
        return open(name, StandardOpenOption.READ);
    }

    @Override
    public JournalFile openForWriting(String name) throws IOException {
        return open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private ChannelFile open(String name, OpenOption... options) throws IOException {
        return new ChannelFile(FileChannel.open(directory.resolve(name), options));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                directory.resolve(from),
                directory.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void forceDirectory() throws IOException {
        force(directory);
    }

    private static void force(Path directory) throws IOException {
        if (DIRECTORIES_CAN_BE_FORCED) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void lock() throws IOException {
        createDirectory();
        Path key = directory.toRealPath();
        if (!HELD.add(key)) {
            throw new JournalInUseException(directory.toString());
        }
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            directory.resolve(LOCK_NAME),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new JournalInUseException(directory.toString());
            }
        } catch (IOException | RuntimeException e) {
            HELD.remove(key);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
        held = key;
        lockChannel = channel;
    }

    /** Makes the directory, and what of its path is missing, so that a crash does not undo it. */
    private void createDirectory() throws IOException {
        Path existing = directory;
        while (existing != null && !Files.isDirectory(existing)) {
            existing = existing.getParent();
        }
        Files.createDirectories(directory);
        Path made = directory;
        while (made != null && !made.equals(existing)) {
            made = made.getParent();
            if (made != null) {
                force(made);
            }
        }
    }

    @Override
    public boolean lockedByAnother() throws IOException {
        if (Files.isDirectory(directory) && HELD.contains(directory.toRealPath())) {
            return true;
        }
        try (FileChannel channel =
                FileChannel.open(directory.resolve(LOCK_NAME), StandardOpenOption.READ)) {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public Object identity(String name) throws IOException {
        Path file = directory.resolve(name);
        // Does not open it, which would cost the lock: see HELD.
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file : key; // Windows has no keys, and deletes no open file
    }

    @Override
    public String describe(String name) {
        return directory.resolve(name).toString();
    }

    @Override
    public void close() throws IOException {
        FileChannel channel = lockChannel;
        lockChannel = null;
        if (channel != null) {
            channel.close();
        }
        if (held != null) {
            HELD.remove(held);
            held = null;
        }
    }

    private record ChannelFile(FileChannel channel) implements JournalFile {
        @Override
        public int write(ByteBuffer source, long offset) throws IOException {
            return channel.write(source, offset);
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            return channel.read(target, offset);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
