package dev.wirebrook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A file system of a test's own, to be filled up. Needs root and loop devices: where they cannot be
 * had the test is skipped.
 */
public final class SmallDisk implements AutoCloseable {
    private static final int CHUNK_BYTES = 256 << 10;
    private static final int BLOCK_BYTES = 4 << 10;
    private static final int PATIENCE_SECONDS = 30;

    private final Path image;
    private final Path mounted;

    private SmallDisk(Path image, Path mounted) {
        this.image = image;
        this.mounted = mounted;
    }

    /**
     * With blocks as on most machines.
     *
     * @param size in MiB, some of which the file system takes for itself
     */
    public static SmallDisk mount(int size) {
        return mount(size, BLOCK_BYTES);
    }

    /**
     * A btrfs file system, which writes every page to a new place. Needs btrfs-progs and a kernel
     * that knows it: else the test is skipped.
     *
     * @param size in MiB, 128 at least
     */
    public static SmallDisk mountCopyOnWrite(int size) {
        return mount(size, "mkfs.btrfs", "-q", "-f", "--mixed", "-m", "single", "-d", "single");
    }

    public static SmallDisk mount(int size, int blockBytes) {
        return mount(size, "mkfs.ext4", "-q", "-F", "-m", "0", "-b", Integer.toString(blockBytes));
    }

    private static SmallDisk mount(int size, String... makeFileSystem) {
        try {
            Path image = Files.createTempFile("wirebrook-disk", ".image");
            Path mounted = Files.createTempDirectory("wirebrook-disk");
            // Engines may run as users of their own.
            Files.setPosixFilePermissions(mounted, PosixFilePermissions.fromString("rwxr-xr-x"));
            SmallDisk disk = new SmallDisk(image, mounted);
            boolean isMounted =
                    run("truncate", "-s", size + "M", image.toString())
                            && run(
                                    Stream.concat(
                                                    Stream.of(makeFileSystem),
                                                    Stream.of(image.toString()))
                                            .toArray(String[]::new))
                            && run("mount", "-o", "loop", image.toString(), mounted.toString());
            if (!isMounted) {
                disk.delete();
            }
            assumeTrue(isMounted, "no loop device can be mounted here");
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return mounted;
    }

    private Path ballast() {
        return mounted.resolve("ballast");
    }

    /**
     * Something else takes the room, or more of it, in one file that no hole helps.
     *
     * @param leaveBytes what it leaves, give or take some blocks; 0: nothing at all
     */
    public void fill(long leaveBytes) {
        try (OutputStream out =
                Files.newOutputStream(
                        ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            while (surplus(leaveBytes) > 0) {
                out.write(chunk, 0, (int) Math.min(chunk.length, surplus(leaveBytes)));
            }
            while (leaveBytes == 0) {
                out.write(chunk, 0, BLOCK_BYTES);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    private long surplus(long leaveBytes) throws IOException {
        return Files.getFileStore(mounted).getUsableSpace() - leaveBytes;
    }

    /** Takes the ballast away. */
    public void makeRoom() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing may have a file open there any more. */
    @Override
    public void close() {
        try {
            assertThat(run("umount", mounted.toString())).isTrue();
            delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() throws IOException {
        Files.delete(mounted);
        Files.delete(image);
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            boolean well =
                    process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            if (!well) {
                System.out.println(String.join(" ", command) + ": " + said);
            }
            return well;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
