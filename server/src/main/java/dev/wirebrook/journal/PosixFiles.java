package dev.wirebrook.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Two calls that Java does not have: {@code posix_fallocate(3)}, which takes room on a disk for a
 * file without writing it, and {@code posix_fadvise(2)}, which tells the system what need not stay
 * in its cache. On Linux only.
 */
final class PosixFiles {
    /**
     * {@code O_CLOEXEC}, alone and with {@code O_RDWR}, as Linux numbers them on x86-64 and
     * AArch64.
     */
    private static final int READ_ONLY = 0x80000;

    private static final int READ_WRITE = 0x2 | 0x80000;

    private static final int NO_SPACE = 28;
    private static final int OVER_QUOTA = 122;
    private static final int NOT_SUPPORTED = 95;

    private static final int DONT_NEED = 4;

    private record Calls(
            MethodHandle open, MethodHandle allocate, MethodHandle advise, MethodHandle close) {}

    private static final @Nullable Calls CALLS = find();

    private PosixFiles() {}

    @SuppressWarnings("restricted") // four functions of the C library
    private static @Nullable Calls find() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        try {
            Linker linker = Linker.nativeLinker();
            return new Calls(
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("open"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT),
                            Linker.Option.firstVariadicArg(2)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("posix_fallocate"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("posix_fadvise"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("close"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /**
     * Lengthens an existing file to {@code bytes} and takes the room for them.
     *
     * @return false where this system cannot, and nothing was done
     * @throws IOException where there is no room
     */
    static boolean reserve(Path file, long bytes) throws IOException {
        Calls calls = CALLS;
        if (calls == null) {
            return false;
        }
        int error;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) calls.open.invokeExact(path, READ_WRITE);
            if (descriptor < 0) {
                return false;
            }
            try {
                error = (int) calls.allocate.invokeExact(descriptor, 0L, bytes);
            } finally {
                int _ = (int) calls.close.invokeExact(descriptor);
            }
        } catch (Throwable e) {
            throw new IOException("cannot take room for " + file, e);
        }
        return switch (error) {
            case 0 -> true;
            case NOT_SUPPORTED -> false;
            case NO_SPACE -> throw new IOException("No space left on device");
            case OVER_QUOTA -> throw new IOException("Disk quota exceeded");
            default -> throw new IOException("posix_fallocate failed with error " + error);
        };
    }

    /**
     * Lets the system's cache go of what of a file is on the disk; does nothing where it cannot.
     */
    static void forget(Path file) {
        Calls calls = CALLS;
        if (calls == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) calls.open.invokeExact(path, READ_ONLY);
            if (descriptor >= 0) {
                try {
                    int _ = (int) calls.advise.invokeExact(descriptor, 0L, 0L, DONT_NEED);
                } finally {
                    int _ = (int) calls.close.invokeExact(descriptor);
                }
            }
        } catch (Throwable e) {
            System.getLogger(PosixFiles.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot advise on " + file, e);
        }
    }
}
