package dev.wirebrook.app;

import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.CursorNames;
import dev.wirebrook.events.RouteHandover;
import dev.wirebrook.events.RouteHandover.UnknownProgressException;
import dev.wirebrook.events.RouteRecord;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.RouteStarts;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkSource;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes that a log on this node's disk was used with, kept beside the log, and what follows
 * from them for the configured ones. A change of routes takes effect with one atomic write of the
 * record, before any route runs. Used by one process at a time, which the journal's lock ensures.
 */
final class RouteHistory {
    private static final System.Logger LOG = System.getLogger(RouteHistory.class.getName());

    private static final String RECORD = "routes";
    private static final String PROGRESS = "routes-progress";
    private static final int SUFFIX_BYTES = 4;

    /**
     * The log's own state when it was opened.
     *
     * @param folder holds the log
     * @param start position of the oldest byte kept
     * @param end position behind the last durable record
     * @param acceptedEnd up to where sinks may be ahead, because an operator has accepted that
     * @param skipUsedPositions lets the log continue where no earlier state of it can have been,
     *     and returns that position
     */
    record Log(
            Path folder, long start, long end, long acceptedEnd, LongSupplier skipUsedPositions) {}

    private final Log log;
    private final Path recordFile;
    private final ProgressFile progressFile;

    private final Map<String, SinkSource> sinks;

    /**
     * Identifies the folder that the log was opened in; null where the file system has no such key.
     */
    private final @Nullable Object folderKey;

    // mutable state, guarded by this
    private RouteRecord record;
    private final Map<String, String> refusals = new HashMap<>();

    private RouteHistory(Log log, Map<String, SinkSource> sinks, RouteRecord record) {
        this.log = log;
        this.sinks = Map.copyOf(sinks);
        this.recordFile = log.folder().resolve(RECORD);
        this.progressFile = new ProgressFile(log.folder().resolve(PROGRESS));
        this.record = record;
        this.folderKey = key(log.folder());
    }

    private static @Nullable Object key(Path folder) {
        try {
            return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
        } catch (IOException gone) {
            return null;
        }
    }

    /** What routes start from, and the history that goes on with them. */
    record Admitted(RouteHistory history, RouteStarts starts) {}

    /**
     * Compares log, sinks and routes, and records the routes.
     *
     * @param sinks by the name that routes call them by
     * @throws IOException when a sink has seen more of the log than there is, when it is not known
     *     up to where a type is stored that has moved, or when the record cannot be read or
     *     written; its message says what to do
     */
    static Admitted admit(
            Log log, List<RouteSpec> routes, EventCatalog catalog, Map<String, SinkSource> sinks)
            throws IOException {
        Optional<RouteRecord> former = read(log.folder().resolve(RECORD));
        Set<String> used = new LinkedHashSet<>();
        routes.forEach(route -> used.add(route.sink()));
        former.ifPresent(known -> known.routes().forEach(route -> used.add(route.sink())));
        if (former.isEmpty() && log.start() < log.end()) {
            used.addAll(sinks.keySet());
        }
        SinkAnswers answers = SinkAnswers.ask(used, sinks);
        SortedMap<String, Long> unverified =
                new TreeMap<>(former.map(RouteRecord::unverified).orElseGet(TreeMap::new));
        refuseSinksAhead(log, marketPosition(log.folder()), answers, unverified);
        for (String sink : used) {
            if (answers.isSilent(sink)) {
                unverified.putIfAbsent(sink, log.end());
            } else {
                unverified.remove(sink);
            }
        }
        RouteRecord next =
                former.isPresent()
                        ? changed(former.get(), routes, catalog, answers)
                        : adopted(log, routes, catalog, answers);
        next = new RouteRecord(next.routes(), next.retired(), unverified);
        RouteHistory history = new RouteHistory(log, sinks, next);
        if (former.isEmpty() || !former.get().equals(next)) {
            history.write(next);
        }
        former.ifPresent(known -> report(known, history.current()));
        if (!answers.silent().isEmpty()) {
            skipUsedPositions(log, answers);
        }
        RouteStarts starts =
                new RouteStarts(
                        next.routes(),
                        next.retired(),
                        history.progressFile.read(),
                        answers.silent().keySet(),
                        history::refusal);
        return new Admitted(history, starts);
    }

    /**
     * A sink that does not answer may have stored events of a later state of the log, if that was
     * lost or restored. New events get positions that it cannot have seen: whatever it answers
     * later, it does not take them for stored.
     */
    private static void skipUsedPositions(Log log, SinkAnswers answers) {
        long next = log.skipUsedPositions().getAsLong();
        LOG.log(
                Level.WARNING,
                "the log in {0} ends at position {1}, and it cannot be checked whether a sink has stored more of it ({2}). Events are acknowledged, and the log continues at position {3}, which no sink has seen. The sink is compared with the log when it answers",
                log.folder(),
                Long.toString(log.end()),
                answers.silentReasons(),
                Long.toString(next));
    }

    private static RouteRecord changed(
            RouteRecord former, List<RouteSpec> routes, EventCatalog catalog, SinkAnswers answers)
            throws IOException {
        try {
            return RouteHandover.next(
                    former, routes, catalog, answers::progress, RouteHistory::suffix);
        } catch (UnknownProgressException e) {
            throw new IOException(
                    "the routes have changed since this data folder was last used ("
                            + names(former)
                            + "), and it is not known up to where their events are stored: "
                            + e.getMessage()
                            + ". Start once that sink can be reached, or with the former routes.",
                    e);
        }
    }

    private static String suffix() {
        byte[] random = new byte[SUFFIX_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /**
     * The first record of a log. One that was used before there were records must have been used
     * with the same routes: sinks tell their names, not their types.
     */
    private static RouteRecord adopted(
            Log log, List<RouteSpec> routes, EventCatalog catalog, SinkAnswers answers)
            throws IOException {
        if (log.start() == log.end()) {
            return RouteHandover.first(routes, catalog, new Cursor(log.end(), 0));
        }
        if (!answers.silent().isEmpty()) {
            throw new IOException(
                    "the log in "
                            + log.folder()
                            + " holds events and has no record of the routes it was used with; to"
                            + " make one, every sink must be reached once. "
                            + answers.silentReasons());
        }
        Set<String> wanted = new LinkedHashSet<>();
        routes.forEach(route -> wanted.add(route.sink() + "/" + route.name()));
        Set<String> found = answers.cursors();
        if (!found.isEmpty() && !found.equals(wanted)) {
            throw new IOException(
                    "the log in "
                            + log.folder()
                            + " holds events and has no record of the routes it was used with. The"
                            + " sinks know it by the routes "
                            + String.join(", ", found)
                            + "; configured are "
                            + String.join(", ", wanted)
                            + ". Start once with the former routes, which records them, and change"
                            + " them then. Nothing was stored or changed.");
        }
        return RouteHandover.first(routes, catalog, Cursor.START);
    }

    /**
     * A log must not reuse positions that a sink has already seen.
     *
     * @param market up to where the market had read the log before it was opened
     */
    private static void refuseSinksAhead(
            Log log, long market, SinkAnswers answers, SortedMap<String, Long> unverified)
            throws SinkAheadException {
        List<String> faults = new ArrayList<>();
        if (market > log.end()) {
            faults.add(
                    "the log in %s ended at position %,d, but the market's checkpoint was written at position %,d of it: its last %,d bytes are missing, because the folder was replaced, restored from an older backup, or damaged"
                            .formatted(log.folder(), log.end(), market, market - log.end()));
        }
        long goesOnAt = market;
        for (String sink : answers.answered()) {
            long end = Math.max(unverified.getOrDefault(sink, log.end()), log.acceptedEnd());
            for (Map.Entry<String, SinkProgress> entry : answers.of(sink).entrySet()) {
                Cursor cursor = entry.getValue().cursor();
                if (cursor.compareTo(new Cursor(end, 0)) > 0) {
                    faults.add(ahead(log.folder(), sink, entry.getKey(), cursor, end));
                    goesOnAt = Math.max(goesOnAt, behind(cursor));
                }
            }
        }
        if (!faults.isEmpty()) {
            throw new SinkAheadException(
                    String.join("\n", faults) + "\n" + advice(log.folder(), goesOnAt));
        }
    }

    /** Up to where the market's checkpoint knows the log; 0 for none that reads. */
    private static long marketPosition(Path folder) {
        try {
            return new CheckpointFile(folder.resolveSibling("market").resolve("book"))
                    .read()
                    .map(BookCheckpoint::getLogPosition)
                    .orElse(0L);
        } catch (IOException e) {
            // The market says so itself when it is opened.
            return 0;
        }
    }

    private static String ahead(
            Path folder, String sink, String cursorName, Cursor cursor, long end) {
        return "the log in %s ended at position %,d, but the sink %s has stored events of it up to position %,d (route %s): its last %,d bytes are missing, because the folder was replaced, restored from an older backup, or damaged"
                .formatted(
                        folder,
                        end,
                        sink,
                        cursor.position(),
                        cursorName,
                        Math.max(0, cursor.position() - end));
    }

    private static String advice(Path folder, long goesOnAt) {
        return "Restore the whole log if you can. Otherwise events that were in the missing part and in no sink yet are lost; to accept that, stop the server and let the log go on behind every position that a sink has seen: wirebrook journal repair --continue-at %d %s"
                .formatted(goesOnAt, folder);
    }

    /** The least position that the log may go on at. */
    private static long behind(Cursor cursor) {
        long position = cursor.index() == 0 ? cursor.position() : cursor.position() + 1;
        return (position + 7) & -8;
    }

    /**
     * Asked by a route each time it reaches its sink. A sink that did not answer at the start is
     * checked whole by the first of its routes, before any of them stores in it.
     */
    private synchronized Optional<String> refusal(String sink) {
        SinkSource source = sinks.get(sink);
        if (refusals.containsKey(sink)
                || source == null
                || !record.unverified().containsKey(sink)) {
            return Optional.ofNullable(refusals.get(sink));
        }
        SinkAnswers answers = SinkAnswers.of(sink, source.committed());
        try {
            // Of the market's checkpoints, only one from before the start says something of the
            // log.
            refuseSinksAhead(log, 0, answers, record.unverified());
        } catch (SinkAheadException e) {
            refusals.put(sink, String.valueOf(e.getMessage()));
            return Optional.of(String.valueOf(e.getMessage()));
        }
        SortedMap<String, Long> left = new TreeMap<>(record.unverified());
        left.remove(sink);
        RouteRecord verified = new RouteRecord(record.routes(), record.retired(), left);
        try {
            write(verified);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot record that the sink " + sink + " fits the log: " + e, e);
        }
        record = verified;
        return Optional.empty();
    }

    private synchronized RouteRecord current() {
        return record;
    }

    /**
     * Keeps what sinks are known to have committed, for a start at which they do not answer. A
     * folder that has taken the place of the log's is left as it is: the progress is not that of
     * its log.
     */
    void keep(Map<String, SinkProgress> committed) {
        if (!Objects.equals(folderKey, key(log.folder()))) {
            return;
        }
        try {
            progressFile.write(committed);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "cannot write what sinks have stored; should one not answer at the next start, counts will be wrong until it does: {0}",
                    String.valueOf(e));
        }
    }

    private void write(RouteRecord next) throws IOException {
        byte[] content = (String.join("\n", next.lines()) + "\n").getBytes(StandardCharsets.UTF_8);
        DurableFile.write(recordFile, content);
    }

    private static Optional<RouteRecord> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RouteRecord.parse(Files.readAllLines(file)));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    file
                            + " is not the record of routes that this server wrote: "
                            + e.getMessage()
                            + ". Restore it from a backup. Without it events could be stored twice:"
                            + " delete it only if the routes are those that were used last.",
                    e);
        }
    }

    private static void report(RouteRecord former, RouteRecord now) {
        if (former.routes().equals(now.routes())) {
            return;
        }
        Map<String, List<String>> typesByMove = new LinkedHashMap<>();
        for (RouteRecord.Route route : now.routes()) {
            route.types()
                    .forEach((number, type) -> {
                        RouteRecord.Route before = owner(former, number);
                        if (before != null && !before.cursorName().equals(route.cursorName())) {
                            typesByMove
                                    .computeIfAbsent(
                                            move(before, route, type.from()),
                                            _ -> new ArrayList<>())
                                    .add(type.name());
                        }
                    });
        }
        typesByMove.forEach((move, types) ->
                LOG.log(
                        Level.INFO,
                        "{0}: {1} event types: {2}",
                        move,
                        types.size(),
                        String.join(", ", types)));
    }

    private static String move(RouteRecord.Route from, RouteRecord.Route to, Cursor at) {
        return "route %s (%s) takes over from route %s (%s) at position %s"
                .formatted(to.name(), to.sink(), from.name(), from.sink(), at);
    }

    private static RouteRecord.@Nullable Route owner(RouteRecord record, int number) {
        for (RouteRecord.Route route : record.routes()) {
            if (route.types().containsKey(number)) {
                return route;
            }
        }
        return null;
    }

    private static String names(RouteRecord record) {
        return String.join(
                ", ",
                record.routes().stream()
                        .map(route -> route.name() + " to " + route.sink())
                        .toList());
    }

    /** A sink has seen more of the log than there is. */
    private static final class SinkAheadException extends IOException {
        private static final long serialVersionUID = 1;

        SinkAheadException(String message) {
            super(message);
        }
    }

    /** What sinks said of their progress. */
    private record SinkAnswers(
            Map<String, Map<String, SinkProgress>> committed, Map<String, String> silent) {
        static SinkAnswers of(String sink, Map<String, SinkProgress> committed) {
            Map<String, SinkProgress> own = new TreeMap<>(committed);
            own.keySet().removeIf(CursorNames::isOfQueue);
            return new SinkAnswers(Map.of(sink, own), Map.of());
        }

        static SinkAnswers ask(Set<String> used, Map<String, SinkSource> sinks) {
            Map<String, Map<String, SinkProgress>> committed = new LinkedHashMap<>();
            Map<String, String> silent = new LinkedHashMap<>();
            for (String sink : used) {
                SinkSource source = sinks.get(sink);
                if (source == null) {
                    silent.put(sink, "there is no sink of this name");
                    continue;
                }
                try {
                    committed.putAll(of(sink, source.committed()).committed());
                } catch (UncheckedIOException e) {
                    silent.put(sink, String.valueOf(e.getMessage()));
                }
            }
            return new SinkAnswers(committed, silent);
        }

        Set<String> answered() {
            return committed.keySet();
        }

        boolean isSilent(String sink) {
            return silent.containsKey(sink);
        }

        Map<String, SinkProgress> of(String sink) {
            return committed.getOrDefault(sink, Map.of());
        }

        SinkProgress progress(String sink, String cursorName) {
            String reason = silent.get(sink);
            if (reason != null) {
                throw new UncheckedIOException(new IOException(reason));
            }
            return of(sink).getOrDefault(cursorName, SinkProgress.NONE);
        }

        /** As sink/route. */
        Set<String> cursors() {
            Set<String> all = new LinkedHashSet<>();
            committed.forEach(
                    (sink, own) -> own.keySet().forEach(name -> all.add(sink + "/" + name)));
            return all;
        }

        String silentReasons() {
            List<String> reasons = new ArrayList<>();
            silent.forEach((sink, reason) -> reasons.add(sink + ": " + reason));
            return String.join("; ", reasons);
        }
    }
}
