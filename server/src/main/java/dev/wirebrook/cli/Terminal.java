package dev.wirebrook.cli;

import dev.wirebrook.app.config.Environment;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a command reads and writes.
 *
 * @param out results; flushed when the command ends
 * @param err everything else
 * @param outIsTerminal whether a person reads {@code out} as it comes
 * @param errIsTerminal whether a person reads {@code err} as it comes
 * @param color whether {@code out} and {@code err} may be coloured where a person reads them
 */
public record Terminal(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        boolean color) {
    private static final int BUFFER_BYTES = 1 << 16;

    /** The process's streams, in UTF-8; colour unless {@code NO_COLOR} is set. */
    public static Terminal ofProcess(Environment environment) {
        boolean outIsTerminal = isTerminal(1);
        return new Terminal(
                System.in,
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                outIsTerminal,
                isTerminal(2),
                environment.find("NO_COLOR").isEmpty()
                        && !environment.find("TERM").orElse("dumb").equals("dumb"));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES),
                false,
                StandardCharsets.UTF_8);
    }

    /**
     * Linux names each stream's device; elsewhere the machine's console is asked, which stands for
     * input and output together.
     */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            String device = Files.readSymbolicLink(link).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        }
    }

    /** Writes one line of what is no result, at once. */
    public void note(String line) {
        err.println(line);
        err.flush();
    }

    public void flush() {
        out.flush();
        err.flush();
    }

    /** The text in bold where {@code out} is a person's and may be coloured. */
    public String bold(String text) {
        return color && outIsTerminal ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /** The text in red where {@code err} is a person's and may be coloured. */
    String red(String text) {
        return color && errIsTerminal ? "\u001b[31m" + text + "\u001b[0m" : text;
    }
}
