package dev.wirebrook.app;

import dev.wirebrook.admin.LogFacts;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.PipelineSettings;
import dev.wirebrook.events.journal.JournalEventLog;
import dev.wirebrook.events.rabbitmq.RabbitEventLog;
import dev.wirebrook.events.rabbitmq.RabbitSettings;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalDamage;
import dev.wirebrook.journal.JournalRefusal;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.telemetry.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The event log that the settings ask for, and what a node has to know of it. Thread-safe. */
sealed interface LogEngine extends AutoCloseable {
    static LogEngine open(
            ServerSettings settings,
            PipelineSettings flow,
            EventCatalog catalog,
            Path dataDir,
            Workers workers,
            InstantSource clock)
            throws IOException {
        if (settings.rabbitmq().isPresent()) {
            RabbitSettings rabbit = settings.rabbitmq().get();
            warnOfJournal(dataDir.resolve("journal"));
            return new OnRabbit(
                    Files.createDirectories(dataDir.resolve("rabbitmq")),
                    rabbit.address(),
                    new RabbitEventLog(
                            rabbit, flow.routes(), catalog, flow.backoff(), workers, clock));
        }
        Path folder = dataDir.resolve("journal");
        Journal journal =
                Journal.open(
                        folder,
                        RoomSettings.journal(settings.journal(), settings.events().batchBytesMax()),
                        clock);
        return new OnJournal(folder, journal, new JournalEventLog(journal));
    }

    /** What was acknowledged there and is not stored yet would else wait unseen. */
    private static void warnOfJournal(Path folder) {
        if (Files.exists(folder)) {
            System.getLogger(LogEngine.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "events.log is rabbitmq, and {0} is there: what it holds is not read."
                                    + " If it was not empty of events in flight, start once with"
                                    + " events.log=journal until `wirebrook status` shows none; then"
                                    + " delete the folder",
                            folder);
        }
    }

    /** What of it is on this node's disk. */
    Path folder();

    EventLog log();

    /** The log as it was opened, where its positions are this node's own. */
    Optional<RouteHistory.Log> positions();

    /** The store of dead letters, as far as the log has a place for them beside it. */
    DeadLetterStore with(DeadLetterStore deadLetters);

    /** What it does by itself may begin. */
    void start();

    /** Tells health whether appends are taken. */
    void report(Health.Component health);

    LogFacts facts();

    void declare(MetricCatalog catalog);

    @Override
    void close();

    /** On this node's disk. */
    record OnJournal(Path folder, Journal journal, EventLog log) implements LogEngine {
        @Override
        public Optional<RouteHistory.Log> positions() {
            return Optional.of(
                    new RouteHistory.Log(
                            folder,
                            journal.startPosition(),
                            journal.durablePosition(),
                            journal.acceptedEnd(),
                            journal::skipUsedPositions));
        }

        @Override
        public DeadLetterStore with(DeadLetterStore deadLetters) {
            return deadLetters;
        }

        @Override
        public void start() {
            journal.startRetention();
        }

        @Override
        public void report(Health.Component health) {
            journal.refusal()
                    .ifPresentOrElse(
                            refusal -> refuses(refusal, health), () -> health.ready(damage()));
        }

        /** What operators should know of a log that works; empty: nothing. */
        private String damage() {
            List<JournalDamage> damages = journal.damages();
            return damages.isEmpty()
                    ? ""
                    : "%,d damaged stretches, the first in %s at position %d; `wirebrook journal verify %s` lists all"
                            .formatted(
                                    damages.size(),
                                    damages.getFirst().file(),
                                    damages.getFirst().position(),
                                    folder);
        }

        private static void refuses(JournalRefusal refusal, Health.Component health) {
            switch (refusal) {
                case JournalRefusal.Failed(String message) -> health.broken(message);
                // Not broken: a new process would begin a new log, and end what can still be saved.
                case JournalRefusal.Lost(String message) -> health.notReady(message);
                case JournalRefusal.Full(String message, Duration _) -> health.notReady(message);
                case JournalRefusal.Backlog(String message, Duration _) -> health.notReady(message);
                case JournalRefusal.TooLong(String message, long _) -> health.notReady(message);
                case JournalRefusal.Closed(String message) -> health.notReady(message);
            }
        }

        @Override
        public LogFacts facts() {
            return new LogFacts.OfJournal(
                    journal.startPosition(),
                    journal.durablePosition(),
                    journal.segments(),
                    journal.bytes(),
                    journal.refusal().map(JournalRefusal::message).orElse(""));
        }

        @Override
        public void declare(MetricCatalog catalog) {
            catalog.declare(journal);
        }

        @Override
        public void close() {
            journal.close();
        }
    }

    /** In RabbitMQ. */
    record OnRabbit(Path folder, String address, RabbitEventLog log) implements LogEngine {
        @Override
        public Optional<RouteHistory.Log> positions() {
            return Optional.empty();
        }

        @Override
        public DeadLetterStore with(DeadLetterStore deadLetters) {
            return log.publishing(deadLetters);
        }

        @Override
        public void start() {}

        @Override
        public void report(Health.Component health) {
            String fault = log.fault();
            if (fault.isEmpty()) {
                health.ready();
            } else {
                health.notReady(fault);
            }
        }

        @Override
        public LogFacts facts() {
            return new LogFacts.OfRabbit(address, log.pendingBytes(), log.fault());
        }

        @Override
        public void declare(MetricCatalog catalog) {
            catalog.declare(log);
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
