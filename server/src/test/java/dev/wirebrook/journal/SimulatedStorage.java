package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that forgets like a disk: what was not forced is lost in a crash, sector by
 * sector, and names that were not forced are lost from some point on. Runs out of space, fails
 * writes and forces, and writes less than asked, when told to.
 */
final class SimulatedStorage implements JournalStorage {
    static final int SECTOR_BYTES = 512;

    /** A file's content: as everybody sees it, and as it is on the disk. */
    private static final class Content {
        byte[] cached = new byte[0];
        byte[] durable = new byte[0];
        final BitSet dirty = new BitSet();
    }

    private final Map<String, Content> names = new HashMap<>();

    /** Names on the disk, and the changes of them since they were forced. */
    private final Map<String, Content> durableNames = new HashMap<>();

    private final List<Consumer<Map<String, Content>>> unforcedNames = new ArrayList<>();

    private boolean locked;
    private @Nullable Object lockFile;
    private boolean writesNeedRoom;
    private boolean forcesNeedRoom;
    private boolean directoryNeedsRoom;
    private long spaceBytes = Long.MAX_VALUE;
    private @Nullable SplittableRandom shortWrites;
    private @Nullable String failWritesTo;
    private @Nullable String failForcesOf;
    private @Nullable String failRenamesTo;
    private boolean forcesLie;
    private Runnable beforeSegmentIsNamed = () -> {};
    private final AtomicReference<@Nullable Runnable> beforeNextOpen = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> beforeSpareIsOpened = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> beforeNextRead = new AtomicReference<>();
    private boolean forcesHang;
    private final List<String> forgotten = new ArrayList<>();
    private int hanging;

    // What may go wrong.

    synchronized void spaceBytes(long bytes) {
        spaceBytes = bytes;
    }

    /** Writes take a random part of what they are given. */
    synchronized void writeShort(SplittableRandom random) {
        shortWrites = random;
    }

    /** Writes to files of this suffix fail; null: none. */
    synchronized void failWritesTo(@Nullable String suffix) {
        failWritesTo = suffix;
    }

    /** Forces of files of this suffix fail once, and what they should have forced never is. */
    synchronized void failForcesOf(@Nullable String suffix) {
        failForcesOf = suffix;
    }

    /** Every write to a segment finds the disk full, also where the file had its room. */
    synchronized void writesFindNoRoom(boolean full) {
        writesNeedRoom = full;
    }

    /** Every force of a segment finds the disk full, and what it should have forced never is. */
    synchronized void forcesFindNoRoom(boolean full) {
        forcesNeedRoom = full;
    }

    synchronized void failRenamesTo(@Nullable String suffix) {
        failRenamesTo = suffix;
    }

    /** Runs each time before a file takes the name of a segment. */
    synchronized void beforeSegmentIsNamed(Runnable look) {
        beforeSegmentIsNamed = look;
    }

    /** Runs once, on the thread that opens a file to read, before it does. */
    void beforeNextOpen(Runnable look) {
        beforeNextOpen.set(look);
    }

    /** Runs once, on the thread that opens a spare to write to it, before it does. */
    void beforeSpareIsOpened(Runnable look) {
        beforeSpareIsOpened.set(look);
    }

    /** Runs once, on the thread that reads from a file, before it does. */
    void beforeNextRead(Runnable look) {
        beforeNextRead.set(look);
    }

    private static void runOnce(AtomicReference<@Nullable Runnable> hook) {
        Runnable look = hook.getAndSet(null);
        if (look != null) {
            look.run();
        }
    }

    /** Forces return and do nothing: to see that the tests notice. */
    synchronized void lieAboutForces() {
        forcesLie = true;
    }

    /** Forces of segments do not return until this is taken back. */
    synchronized void hangForces(boolean hang) {
        forcesHang = hang;
        notifyAll();
    }

    /** Returns when a force hangs. */
    synchronized void awaitHangingForce() throws InterruptedException {
        while (hanging == 0) {
            wait();
        }
    }

    // What a test looks at and changes.

    synchronized byte[] content(String name) {
        Content content = names.get(name);
        if (content == null) {
            throw new AssertionError("no file " + name + " in " + names.keySet());
        }
        return content.cached.clone();
    }

    /** Puts a file on the disk as it shall be. */
    synchronized void put(String name, byte[] bytes) {
        Content content = new Content();
        content.cached = bytes.clone();
        content.durable = bytes.clone();
        names.put(name, content);
        durableNames.put(name, content);
    }

    synchronized List<String> segmentNames() {
        return names.keySet().stream()
                .filter(name -> name.endsWith(JournalFormat.SEGMENT_SUFFIX))
                .sorted()
                .toList();
    }

    /** The same files in a storage of their own, all forced, held by nobody. */
    synchronized SimulatedStorage copy() {
        SimulatedStorage copy = new SimulatedStorage();
        names.forEach((name, content) -> copy.put(name, content.cached));
        return copy;
    }

    /** What a crash at this moment leaves. */
    synchronized SimulatedStorage crash(SplittableRandom random) {
        Map<String, Content> left = new HashMap<>(durableNames);
        int reached = random.nextInt(unforcedNames.size() + 1);
        for (int i = 0; i < reached; i++) {
            unforcedNames.get(i).accept(left);
        }
        double[] shares = {0, 0.1, 0.5, 0.9, 1};
        double share = shares[random.nextInt(shares.length)];
        SimulatedStorage after = new SimulatedStorage();
        for (Map.Entry<String, Content> file : left.entrySet()) {
            after.put(file.getKey(), survivors(file.getValue(), share, random));
        }
        return after;
    }

    /** What the end of the process at this moment leaves: all that was written, forced or not. */
    synchronized SimulatedStorage killed() {
        Map<Content, Content> copies = new HashMap<>();
        SimulatedStorage left = new SimulatedStorage();
        names.forEach((name, content) -> left.names.put(name, copyOnce(content, copies)));
        // What names will be on the disk is a question of order; here the copy has all of them.
        left.durableNames.putAll(left.names);
        return left;
    }

    private static Content copyOnce(Content content, Map<Content, Content> copies) {
        return copies.computeIfAbsent(
                content,
                original -> {
                    Content copy = new Content();
                    copy.cached = original.cached.clone();
                    copy.durable = original.durable.clone();
                    copy.dirty.or(original.dirty);
                    return copy;
                });
    }

    private static byte[] survivors(Content content, double share, SplittableRandom random) {
        int size = random.nextBoolean() ? content.cached.length : content.durable.length;
        byte[] left = Arrays.copyOf(content.durable, size);
        for (int sector = content.dirty.nextSetBit(0);
                sector >= 0;
                sector = content.dirty.nextSetBit(sector + 1)) {
            int from = sector * SECTOR_BYTES;
            int to = Math.min(Math.min(from + SECTOR_BYTES, content.cached.length), size);
            if (to > from && random.nextDouble() < share) {
                System.arraycopy(content.cached, from, left, from, to - from);
            }
        }
        return left;
    }

    // What the journal does.

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized JournalFile create(String name) throws IOException {
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        Content content = new Content();
        changeNames(map -> {
            map.put(name, content);
        });
        return new SimulatedFile(name, content);
    }

    @Override
    public void reserve(String name, long bytes) throws IOException {
        try (JournalFile file = openForWriting(name)) {
            Zeros.write(file, file.size(), bytes);
        }
    }

    @Override
    public synchronized void forget(String name) {
        forgotten.add(name);
    }

    /** Names that the system's cache was told to let go, in that order. */
    synchronized List<String> forgotten() {
        return List.copyOf(forgotten);
    }

    @Override
    public JournalFile openForReading(String name) throws IOException {
        runOnce(beforeNextOpen);
        return open(name);
    }

    @Override
    public JournalFile openForWriting(String name) throws IOException {
        if (name.endsWith(".spare")) {
            runOnce(beforeSpareIsOpened);
        }
        return open(name);
    }

    private synchronized JournalFile open(String name) throws IOException {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new SimulatedFile(name, content);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        if (failRenamesTo != null && to.endsWith(failRenamesTo)) {
            throw new IOException("No space left on device");
        }
        if (!names.containsKey(from)) {
            throw new NoSuchFileException(from);
        }
        if (JournalFormat.isSegment(to)) {
            beforeSegmentIsNamed.run();
        }
        changeNames(map -> {
            Content content = map.remove(from);
            if (content != null) {
                map.put(to, content);
            }
        });
    }

    @Override
    public synchronized void delete(String name) {
        changeNames(map -> {
            map.remove(name);
        });
    }

    private void changeNames(Consumer<Map<String, Content>> change) {
        change.accept(names);
        unforcedNames.add(change);
    }

    /** Forces of the directory find the disk full. */
    synchronized void directoryFindsNoRoom(boolean full) {
        directoryNeedsRoom = full;
    }

    @Override
    public synchronized void forceDirectory() throws IOException {
        if (directoryNeedsRoom) {
            throw new IOException("No space left on device");
        }
        if (!forcesLie) {
            unforcedNames.forEach(change -> change.accept(durableNames));
        }
        unforcedNames.clear();
    }

    @Override
    public synchronized void lock() throws IOException {
        if (locked) {
            throw new JournalInUseException("simulated");
        }
        locked = true;
        lockFile = new Object();
    }

    @Override
    public synchronized boolean lockedByAnother() {
        return locked;
    }

    @Override
    public synchronized Object identity(String name) throws NoSuchFileException {
        Object file = name.equals(LOCK_NAME) ? lockFile : names.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    /** Somebody deletes the lock's file while it is held. */
    synchronized void deleteLock() {
        lockFile = null;
    }

    @Override
    public String describe(String name) {
        return "simulated/" + name;
    }

    @Override
    public synchronized void close() {
        locked = false;
    }

    private long usedBytes() {
        return names.values().stream().mapToLong(content -> content.cached.length).sum();
    }

    private final class SimulatedFile implements JournalFile {
        private final String openedAs;
        private final Content content;

        SimulatedFile(String openedAs, Content content) {
            this.openedAs = openedAs;
            this.content = content;
        }

        /** Faults go by the name that the file has now. */
        private boolean isNamed(@Nullable String suffix) {
            return suffix != null
                    && names.entrySet().stream()
                            .filter(file -> file.getValue().equals(content))
                            .map(Map.Entry::getKey)
                            .findAny()
                            .orElse(openedAs)
                            .endsWith(suffix);
        }

        @Override
        public int write(ByteBuffer source, long offset) throws IOException {
            synchronized (SimulatedStorage.this) {
                if (isNamed(failWritesTo)) {
                    throw new IOException("Input/output error");
                }
                if (writesNeedRoom && isNamed(JournalFormat.SEGMENT_SUFFIX)) {
                    throw new IOException("No space left on device");
                }
                int length = source.remaining();
                if (shortWrites != null && length > 1) {
                    length = 1 + shortWrites.nextInt(length);
                }
                int end = Math.toIntExact(offset + length);
                int growth = Math.max(0, end - content.cached.length);
                if (growth > spaceBytes - usedBytes()) {
                    throw new IOException("No space left on device");
                }
                if (growth > 0) {
                    content.cached = Arrays.copyOf(content.cached, end);
                }
                source.get(content.cached, (int) offset, length);
                content.dirty.set(
                        (int) (offset / SECTOR_BYTES), (end + SECTOR_BYTES - 1) / SECTOR_BYTES);
                return length;
            }
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            runOnce(beforeNextRead);
            synchronized (SimulatedStorage.this) {
                if (offset >= content.cached.length) {
                    return -1;
                }
                int length = (int) Math.min(target.remaining(), content.cached.length - offset);
                target.put(content.cached, (int) offset, length);
                return length;
            }
        }

        @Override
        public long size() {
            synchronized (SimulatedStorage.this) {
                return content.cached.length;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimulatedStorage.this) {
                hangWhileTold();
                if (isNamed(failForcesOf)) {
                    failForcesOf = null;
                    content.dirty.clear();
                    throw new IOException("Input/output error");
                }
                if (forcesNeedRoom && isNamed(JournalFormat.SEGMENT_SUFFIX)) {
                    content.dirty.clear();
                    throw new IOException("No space left on device");
                }
                if (forcesLie) {
                    return;
                }
                forceContent();
            }
        }

        private void hangWhileTold() throws IOException {
            if (!isNamed(JournalFormat.SEGMENT_SUFFIX)) {
                return;
            }
            hanging++;
            SimulatedStorage.this.notifyAll();
            try {
                while (forcesHang) {
                    SimulatedStorage.this.wait();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                hanging--;
            }
        }

        private void forceContent() {
            if (content.durable.length != content.cached.length) {
                content.durable = Arrays.copyOf(content.durable, content.cached.length);
            }
            for (int sector = content.dirty.nextSetBit(0);
                    sector >= 0;
                    sector = content.dirty.nextSetBit(sector + 1)) {
                int from = sector * SECTOR_BYTES;
                int to = Math.min(from + SECTOR_BYTES, content.cached.length);
                System.arraycopy(content.cached, from, content.durable, from, to - from);
            }
            content.dirty.clear();
        }

        @Override
        public void close() {}
    }
}
