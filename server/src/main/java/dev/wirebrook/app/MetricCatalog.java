package dev.wirebrook.app;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.events.EventPipeline.RouteState;
import dev.wirebrook.events.grpc.TailLimit;
import dev.wirebrook.events.rabbitmq.RabbitEventLog;
import dev.wirebrook.events.webhook.WebhookOutcome;
import dev.wirebrook.events.webhook.Webhooks;
import dev.wirebrook.failure.Failure.Unauthenticated.Reason;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalCounters;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.tls.ServerTls;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Every metric of the rooms that keep their own counts, declared once. */
final class MetricCatalog {
    private static final Map<String, String> NO_LABELS = Map.of();

    private final Metrics metrics;

    MetricCatalog(Metrics metrics) {
        this.metrics = metrics;
    }

    void declare(TailLimit tails) {
        metrics.gauge("wirebrook_tails", "Tails that are open.", NO_LABELS, tails::open);
        metrics.counter(
                "wirebrook_tails_refused_total",
                "Tails refused because too many were open, on the node or for their client.",
                NO_LABELS,
                tails::refused);
    }

    void declare(EventPipeline pipeline) {
        metrics.counter(
                "wirebrook_events_accepted_total",
                "Events durable in the log, since it began.",
                NO_LABELS,
                () -> pipeline.counts().accepted());
        settled("stored", "Events stored in a sink", counts -> counts.settled().stored(), pipeline);
        settled(
                "duplicate",
                "Events dropped as duplicates",
                counts -> counts.settled().duplicate(),
                pipeline);
        settled(
                "quarantined",
                "Events parked for their unknown type",
                counts -> counts.settled().quarantined(),
                pipeline);
        settled(
                "dead_lettered",
                "Events parked since a sink refused them",
                counts -> counts.settled().deadLettered(),
                pipeline);
        metrics.gauge(
                "wirebrook_events_in_flight",
                "Events durable and not settled: accepted less all that is settled. 0 at rest.",
                NO_LABELS,
                () -> pipeline.counts().inFlight());
        metrics.counter(
                "wirebrook_events_rejected_total",
                "Events refused with a reason, since this process started.",
                NO_LABELS,
                () -> pipeline.intake().rejected());
        metrics.counter(
                "wirebrook_batches_logged_total",
                "Batches durable in the log, since this process started.",
                NO_LABELS,
                () -> pipeline.intake().batches());
        metrics.counter(
                "wirebrook_batches_refused_total",
                "Batches refused whole, since this process started.",
                NO_LABELS,
                () -> pipeline.intake().refusedBatches());
        metrics.gauge(
                "wirebrook_admission_bytes",
                "Bytes of batches between arrival and durability.",
                NO_LABELS,
                pipeline::admittedBytes);
        metrics.gauge(
                "wirebrook_admission_waiting",
                "Batches that wait for room.",
                NO_LABELS,
                pipeline::admissionWaiters);
        for (DeadLetterStore.Stage stage : DeadLetterStore.Stage.values()) {
            metrics.gauge(
                    "wirebrook_dead_letters",
                    "Dead letters that are parked now, neither replayed nor purged.",
                    Map.of("stage", stage.name().toLowerCase(Locale.ROOT)),
                    () -> pipeline.deadLetterWatch().parked(stage));
        }
        pipeline.routeStates().forEach(route -> declareRoute(pipeline, route.name()));
    }

    void declare(Market market) {
        metrics.gauge(
                "wirebrook_market_symbols",
                "Symbols that a snapshot is known of.",
                NO_LABELS,
                () -> market.book().size());
        metrics.gauge(
                "wirebrook_market_sequence",
                "Sequence of the last update of the book.",
                NO_LABELS,
                () -> market.book().sequence());
        metrics.counter(
                "wirebrook_market_updates_accepted_total",
                "Updates taken into the book, since this process started.",
                NO_LABELS,
                () -> market.publisher().accepted());
        metrics.counter(
                "wirebrook_market_updates_rejected_total",
                "Updates rejected with a reason, since this process started.",
                NO_LABELS,
                () -> market.publisher().rejected());
        metrics.gauge(
                "wirebrook_market_stale",
                "1 while there may be later snapshots than those known here, since what nodes share them through does not answer.",
                NO_LABELS,
                () -> market.isStale() ? 1 : 0);
        metrics.gauge(
                "wirebrook_market_subscriptions",
                "Subscriptions that are open.",
                NO_LABELS,
                () -> market.fanOuts().subscriptions());
        metrics.gauge(
                "wirebrook_market_slots",
                "Symbols of all subscriptions together.",
                NO_LABELS,
                () -> market.fanOuts().slots());
        metrics.counter(
                "wirebrook_market_delivered_total",
                "Updates sent to subscriptions.",
                NO_LABELS,
                () -> market.fanOuts().delivered());
        metrics.counter(
                "wirebrook_market_conflated_total",
                "Updates not sent to a subscription, since a later one of the symbol was.",
                NO_LABELS,
                () -> market.fanOuts().conflated());
        metrics.counter(
                "wirebrook_market_lapses_total",
                "Times that an event loop was so far behind the book that it went on with the latest snapshots.",
                NO_LABELS,
                () -> market.fanOuts().lapses());
    }

    private void settled(
            String what,
            String help,
            ToLongFunction<EventPipeline.EventCounts> count,
            EventPipeline pipeline) {
        metrics.counter(
                "wirebrook_events_" + what + "_total",
                help + ", since the log began.",
                NO_LABELS,
                () -> count.applyAsLong(pipeline.counts()));
    }

    private void declareRoute(EventPipeline pipeline, String name) {
        routeGauge(
                pipeline,
                name,
                "wirebrook_route_position",
                "Log position behind the last event settled.",
                route -> route.cursor().position());
        routeGauge(
                pipeline,
                name,
                "wirebrook_route_lag_seconds",
                "Age of the oldest event durable and not settled.",
                route -> route.lag().toNanos() / 1e9);
        routeGauge(
                pipeline,
                name,
                "wirebrook_route_paused",
                "1 while the route waits for its sink to recover.",
                route -> route.pauseReason().isEmpty() ? 0 : 1);
        routeGauge(
                pipeline,
                name,
                "wirebrook_idempotency_ids",
                "Event ids remembered.",
                RouteState::windowIds);
        routeGauge(
                pipeline,
                name,
                "wirebrook_idempotency_bytes",
                "Memory of the remembered event ids.",
                RouteState::windowBytes);
        routeGauge(
                pipeline,
                name,
                "wirebrook_idempotency_complete_since_seconds",
                "Arrival time of the oldest event from which on every event id is remembered, in seconds since 1970. 0: every id since the log began.",
                route -> route.windowCompleteSinceMicros() / 1e6);
        metrics.counter(
                "wirebrook_route_missed_bytes_total",
                "Bytes of the log that were gone before the route read them. Anything but 0 is a loss.",
                Map.of("route", name),
                () -> state(pipeline, name).missedBytes());
        metrics.counter(
                "wirebrook_route_batches_total",
                "Batches that the sink has taken, each in one write, since this process started.",
                Map.of("route", name),
                () -> state(pipeline, name).batches());
    }

    private void routeGauge(
            EventPipeline pipeline,
            String route,
            String name,
            String help,
            ToDoubleFunction<RouteState> value) {
        metrics.gauge(
                name,
                help,
                Map.of("route", route),
                () -> value.applyAsDouble(state(pipeline, route)));
    }

    private static RouteState state(EventPipeline pipeline, String name) {
        return pipeline.routeStates().stream()
                .filter(route -> route.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    void declare(Webhooks webhooks) {
        for (String source : webhooks.countedSources()) {
            for (WebhookOutcome outcome : WebhookOutcome.values()) {
                metrics.rareCounter(
                        "wirebrook_webhook_deliveries_total",
                        "Deliveries of webhooks by what became of them, since this process started.",
                        new TreeMap<>(
                                Map.of(
                                        "outcome",
                                        outcome.name().toLowerCase(Locale.ROOT),
                                        "source",
                                        source)),
                        () -> webhooks.deliveries(source, outcome));
            }
        }
    }

    void declare(ServerTls tls) {
        metrics.gauge(
                "wirebrook_tls_certificate_expiry_seconds",
                "When the server's certificate ends, in seconds since 1970.",
                NO_LABELS,
                () -> tls.expiry().getEpochSecond());
    }

    void declare(Authenticator authenticator) {
        for (Reason reason : Reason.values()) {
            refused(reason.name().toLowerCase(Locale.ROOT), () -> authenticator.refused(reason));
        }
        refused("missing_scope", authenticator::denied);
    }

    private void refused(String reason, LongSupplier count) {
        metrics.counter(
                "wirebrook_auth_refused_total",
                "Calls refused since nobody knows who calls, or since it may not do that.",
                Map.of("reason", reason),
                count);
    }

    void declare(RabbitEventLog log) {
        metrics.gauge(
                "wirebrook_rabbitmq_pending_bytes",
                "Bytes of batches that RabbitMQ has not confirmed yet.",
                NO_LABELS,
                log::pendingBytes);
        metrics.gauge(
                "wirebrook_rabbitmq_connected",
                "Whether batches are confirmed: 1, or 0 while something keeps them from it.",
                NO_LABELS,
                () -> log.fault().isEmpty() ? 1 : 0);
        metrics.gauge(
                "wirebrook_rabbitmq_retired_queues",
                "Queues that routes had under other settings and that are not emptied yet.",
                NO_LABELS,
                log::retiredQueues);
        metrics.counter(
                "wirebrook_rabbitmq_forwarded_messages_total",
                "Messages moved to the queues of today's routes, since this process started.",
                NO_LABELS,
                log::forwarded);
    }

    void declare(Journal journal) {
        metrics.gauge(
                "wirebrook_journal_start_position",
                "Oldest position kept.",
                NO_LABELS,
                journal::startPosition);
        metrics.gauge(
                "wirebrook_journal_durable_position",
                "Position behind the last durable record.",
                NO_LABELS,
                journal::durablePosition);
        metrics.gauge(
                "wirebrook_journal_segments",
                "Files that hold records.",
                NO_LABELS,
                journal::segments);
        JournalCounters counters = journal.counters();
        metrics.counter(
                "wirebrook_journal_appended_bytes_total",
                "Bytes of log made durable.",
                NO_LABELS,
                counters::appendedBytes);
        metrics.counter(
                "wirebrook_journal_groups_total",
                "Groups of records made durable, each with one write and one force.",
                NO_LABELS,
                counters::groups);
        metrics.secondsCounter(
                "wirebrook_journal_force_seconds_total",
                "Time that forces took together.",
                NO_LABELS,
                () -> counters.forceNanos() / 1e9);
        metrics.counter(
                "wirebrook_journal_segments_made_total",
                "Files made because none could be used again.",
                NO_LABELS,
                counters::segmentsMade);
        metrics.gauge(
                "wirebrook_journal_damaged_stretches",
                "Stretches of the kept log that were read since this process started and are damaged.",
                NO_LABELS,
                () -> journal.damages().size());
        metrics.counter(
                "wirebrook_journal_damage_found_total",
                "Damaged stretches found in the log since this process started.",
                NO_LABELS,
                journal::damagesFound);
        metrics.counter(
                "wirebrook_journal_cut_bytes_total",
                "Bytes after the last complete group that were overwritten when the log was opened: an interrupted write, never acknowledged.",
                NO_LABELS,
                journal::cutBytes);
        metrics.gauge("wirebrook_journal_bytes", "Size on disk.", NO_LABELS, journal::bytes);
        metrics.gauge(
                "wirebrook_journal_pending_bytes",
                "Bytes that wait for the writer.",
                NO_LABELS,
                journal::pendingBytes);
    }
}
