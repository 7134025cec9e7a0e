package dev.wirebrook.app;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What sinks were last known to have committed, by cursor name: a hint for a start at which a sink
 * does not answer. The sinks themselves decide. Thread-safe.
 */
final class ProgressFile {
    private static final System.Logger LOG = System.getLogger(ProgressFile.class.getName());
    private static final String TITLE = "wirebrook progress 1";
    private static final int WORDS = 7;

    private final Path file;
    private List<String> written = List.of();

    ProgressFile(Path file) {
        this.file = file;
    }

    /** Empty where there is no file, or none that reads. */
    Map<String, SinkProgress> read() throws IOException {
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            return parsed(Files.readAllLines(file));
        } catch (IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} does not read and is ignored; it is written again",
                    file);
            return Map.of();
        }
    }

    private static Map<String, SinkProgress> parsed(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw new IllegalArgumentException("another format");
        }
        Map<String, SinkProgress> progress = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split(" ", -1);
            if (words.length != WORDS) {
                throw new IllegalArgumentException("not a cursor: " + line);
            }
            progress.put(
                    URLDecoder.decode(words[0], StandardCharsets.UTF_8),
                    new SinkProgress(
                            new Cursor(Long.parseLong(words[1]), Integer.parseInt(words[2])),
                            new SettledCounts(
                                    Long.parseLong(words[3]),
                                    Long.parseLong(words[4]),
                                    Long.parseLong(words[5]),
                                    Long.parseLong(words[6]))));
        }
        return progress;
    }

    /** Durable when this returns; does nothing where nothing has changed. */
    synchronized void write(Map<String, SinkProgress> progress) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(TITLE);
        new TreeMap<>(progress)
                .forEach((name, known) -> {
                    SettledCounts counts = known.counts();
                    lines.add(
                            "%s %d %d %d %d %d %d"
                                    .formatted(
                                            URLEncoder.encode(name, StandardCharsets.UTF_8),
                                            known.cursor().position(),
                                            known.cursor().index(),
                                            counts.stored(),
                                            counts.duplicate(),
                                            counts.quarantined(),
                                            counts.deadLettered()));
                });
        if (!lines.equals(written)) {
            DurableFile.write(
                    file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
            written = lines;
        }
    }
}
