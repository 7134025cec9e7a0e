package dev.wirebrook.app;

import dev.wirebrook.schema.CatalogChange;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.InvalidCatalogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The catalogues that a data folder's events were taken under, as descriptor sets named after their
 * content.
 *
 * <p>All of them are kept, not just the last: a type or a field may go and come back, and its
 * number must mean the same whenever it is there, for dead letters and the log may hold bytes of
 * any of them. Used by one process at a time, which the journal's lock sees to.
 */
final class CatalogHistory {
    private static final System.Logger LOG = System.getLogger(CatalogHistory.class.getName());
    private static final String SUFFIX = ".binpb";

    private final Path folder;

    CatalogHistory(Path folder) {
        this.folder = folder;
    }

    /**
     * Adds a catalogue, durably, when nothing in it contradicts those of before. Types that are
     * gone are allowed, and logged: it may be that only the setting was forgotten.
     *
     * @throws IOException when something does, with every contradiction by type and field, or when
     *     the folder cannot be used
     */
    void admit(EventCatalog catalog) throws IOException {
        byte[] content = catalog.descriptorSet().toByteArray();
        Path own = folder.resolve(fingerprint(content) + SUFFIX);
        Files.createDirectories(folder);
        Map<String, Path> breaks = new LinkedHashMap<>();
        Set<String> gone = new TreeSet<>();
        for (Path file : files()) {
            if (!file.equals(own)) {
                EventCatalog former = read(file);
                for (String change : CatalogChange.breaks(former, catalog)) {
                    breaks.putIfAbsent(change, file);
                }
                former.types().forEach(type -> gone.add(type.name()));
            }
        }
        catalog.types().forEach(type -> gone.remove(type.name()));
        if (!breaks.isEmpty()) {
            throw new IOException(
                    "the event schema contradicts one that events in this data folder were written under:\n  "
                            + String.join("\n  ", breaks.keySet())
                            + "\nChange the schema as said, or use another data-dir. If neither the log nor the"
                            + " dead letters hold events of the earlier schema any more, it can be moved away: "
                            + breaks.values().stream()
                                    .distinct()
                                    .map(Path::toString)
                                    .collect(Collectors.joining(", ")));
        }
        if (!gone.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "this data folder was used with event types that the schema of this start does"
                            + " not have: {0}. Events of them become dead letters. Was another"
                            + " --schema meant?",
                    String.join(", ", gone));
        }
        if (!Files.exists(own)) {
            DurableFile.write(own, content);
        }
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().forEach(files::add);
        }
        return files;
    }

    private static EventCatalog read(Path file) throws IOException {
        try {
            return EventCatalog.parse(Files.readAllBytes(file));
        } catch (InvalidCatalogException e) {
            throw new IOException(
                    file
                            + " is no schema that was used here: "
                            + e.getMessage()
                            + ". Move it away to start without comparing with it.",
                    e);
        }
    }

    private static String fingerprint(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
