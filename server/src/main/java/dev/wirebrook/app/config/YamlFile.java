package dev.wirebrook.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Settings in YAML: mappings of mappings, whose leaves are scalars or lists of scalars.
 *
 * <p>Read from parse events, so that nothing is constructed, every value keeps its line, and
 * anchors, aliases and tags are refused rather than expanded. Loaded only when there is a file.
 */
final class YamlFile {
    private static final int BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 8;

    private final String name;
    private final Iterator<Event> events;
    private final List<SettingProblem> problems;
    private final Map<String, SourcedText> textByKey = new LinkedHashMap<>();

    private YamlFile(String name, Iterator<Event> events, List<SettingProblem> problems) {
        this.name = name;
        this.events = events;
        this.problems = problems;
    }

    /** The leaves by dotted key. What is no such file becomes problems. */
    static Map<String, SourcedText> read(Path file, List<SettingProblem> problems)
            throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("larger than " + Sizes.format(BYTES_MAX));
        }
        String name = String.valueOf(file.getFileName());
        LoadSettings settings =
                LoadSettings.builder().setLabel(name).setCodePointLimit(BYTES_MAX).build();
        Iterator<Event> events = new Parse(settings).parseString(Files.readString(file)).iterator();
        YamlFile yaml = new YamlFile(name, events, problems);
        try {
            yaml.readStream();
        } catch (Refusal e) {
            problems.add(new SettingProblem(e.source, e.key, String.valueOf(e.getMessage())));
        } catch (MarkedYamlEngineException e) {
            problems.add(
                    new SettingProblem(
                            yaml.source(e.getProblemMark().orElse(null)),
                            "syntax",
                            e.getProblem()));
        } catch (YamlEngineException e) {
            problems.add(new SettingProblem(name, "syntax", String.valueOf(e.getMessage())));
        }
        return yaml.textByKey;
    }

    private void readStream() {
        boolean seen = false;
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case StreamStart, StreamEnd, DocumentStart, DocumentEnd, Comment -> {}
                case MappingStart -> {
                    if (seen) {
                        throw new Refusal(source(event), "file", "holds more than one document");
                    }
                    seen = true;
                    refuseDecoration(event, "file");
                    readMapping("", 1);
                }
                case Scalar -> {
                    if (!((ScalarEvent) event).getValue().isEmpty()) {
                        throw notAMapping(event);
                    }
                }
                case Alias, SequenceStart, SequenceEnd, MappingEnd -> throw notAMapping(event);
            }
        }
    }

    private Refusal notAMapping(Event event) {
        return new Refusal(source(event), "file", "must be a mapping, such as grpc: {port: 8017}");
    }

    private void readMapping(String prefix, int depth) {
        for (Event event = events.next();
                event.getEventId() != Event.ID.MappingEnd;
                event = events.next()) {
            if (!(event instanceof ScalarEvent key)) {
                throw new Refusal(source(event), prefix, "a key must be a plain word");
            }
            if (depth > DEPTH_MAX) {
                throw new Refusal(source(event), prefix, "nested too deeply");
            }
            readValue(prefix.isEmpty() ? key.getValue() : prefix + "." + key.getValue(), depth);
        }
    }

    private void readValue(String key, int depth) {
        Event event = events.next();
        refuseDecoration(event, key);
        switch (event.getEventId()) {
            case Scalar -> put(key, (ScalarEvent) event);
            case MappingStart -> readMapping(key, depth + 1);
            case SequenceStart -> put(key, readSequence(key), source(event));
            case Alias,
                    Comment,
                    DocumentEnd,
                    DocumentStart,
                    MappingEnd,
                    SequenceEnd,
                    StreamEnd,
                    StreamStart ->
                    throw new Refusal(source(event), key, "has no value");
        }
    }

    private void put(String key, ScalarEvent scalar) {
        if (scalar.isPlain() && (scalar.getValue().isEmpty() || scalar.getValue().equals("~"))) {
            problems.add(
                    new SettingProblem(
                            source(scalar), key, "has no value; remove the line or give it one"));
        } else {
            put(key, scalar.getValue(), source(scalar));
        }
    }

    private void put(String key, String text, String source) {
        SourcedText before = textByKey.put(key, new SourcedText(text, source));
        if (before != null) {
            problems.add(
                    new SettingProblem(source, key, "is set twice, first at " + before.source()));
        }
    }

    private String readSequence(String key) {
        StringJoiner items = new StringJoiner(",");
        for (Event event = events.next();
                event.getEventId() != Event.ID.SequenceEnd;
                event = events.next()) {
            refuseDecoration(event, key);
            if (!(event instanceof ScalarEvent item)) {
                throw new Refusal(source(event), key, "a list here holds plain words only");
            }
            items.add(item.getValue());
        }
        return items.toString();
    }

    private void refuseDecoration(Event event, String key) {
        boolean alias = event.getEventId() == Event.ID.Alias;
        if (alias || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
            throw new Refusal(source(event), key, "anchors and aliases are not read here");
        }
        if (event instanceof ScalarEvent scalar && scalar.getTag().isPresent()) {
            throw new Refusal(source(event), key, "tags are not read here");
        }
    }

    private String source(Event event) {
        return source(event.getStartMark().orElse(null));
    }

    private String source(@org.jspecify.annotations.Nullable Mark mark) {
        return mark == null ? name : name + ":" + (mark.getLine() + 1);
    }

    /** Ends the reading at the first thing that leaves the rest without meaning. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String source;
        private final String key;

        Refusal(String source, String key, String description) {
            super(description, null, false, false);
            this.source = source;
            this.key = key;
        }
    }
}
