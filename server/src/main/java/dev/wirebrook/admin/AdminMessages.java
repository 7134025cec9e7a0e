package dev.wirebrook.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.DeadLetterCount;
import dev.wirebrook.api.admin.v1.DeadLetterFilter;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import dev.wirebrook.api.admin.v1.JournalStatus;
import dev.wirebrook.api.admin.v1.ParkedLetters;
import dev.wirebrook.api.admin.v1.RabbitmqStatus;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import dev.wirebrook.events.DeadLetterReplay;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterWatch;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.EventText;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Between the domain and {@code wirebrook.admin.v1}. */
final class AdminMessages {
    private AdminMessages() {}

    static GetStatusResponse.State state(NodeControl.State state) {
        return switch (state) {
            case STARTING -> GetStatusResponse.State.STATE_STARTING;
            case SERVING -> GetStatusResponse.State.STATE_SERVING;
            case DRAINING -> GetStatusResponse.State.STATE_DRAINING;
            case STOPPING -> GetStatusResponse.State.STATE_STOPPING;
        };
    }

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /**
     * @param parkedOnly whether an unset state means PARKED rather than any
     */
    static DeadLetterStore.DeadLetterFilter filter(DeadLetterFilter filter, boolean parkedOnly) {
        return new DeadLetterStore.DeadLetterFilter(
                filter.getLetterIdsList(),
                filter.getTypesList(),
                filter.getClientId(),
                filter.getRoute(),
                stage(filter.getStage()),
                filter.getReason(),
                filter.hasParkedAfter() ? instant(filter.getParkedAfter()) : null,
                filter.hasParkedBefore() ? instant(filter.getParkedBefore()) : null,
                switch (filter.getState()) {
                    case STATE_UNSPECIFIED -> parkedOnly ? DeadLetterStore.State.PARKED : null;
                    case STATE_PARKED -> DeadLetterStore.State.PARKED;
                    case STATE_REPLAYED -> DeadLetterStore.State.REPLAYED;
                    case UNRECOGNIZED ->
                            throw new FailureException(
                                    Failure.InvalidRequest.of(
                                            "filter.state",
                                            "must be STATE_PARKED or STATE_REPLAYED"));
                });
    }

    private static DeadLetterStore.@Nullable Stage stage(String stage) {
        if (stage.isEmpty()) {
            return null;
        }
        for (DeadLetterStore.Stage each : DeadLetterStore.Stage.values()) {
            if (name(each).equals(stage)) {
                return each;
            }
        }
        throw new FailureException(
                Failure.InvalidRequest.of(
                        "filter.stage", "must be \"quarantine\", \"sink\" or \"transform\""));
    }

    static long pageToken(String token) {
        try {
            return token.isEmpty() ? 0 : Long.parseLong(token);
        } catch (NumberFormatException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "page_token", "must be the next_page_token of an earlier answer"));
        }
    }

    static void requireNotNegative(String field, long value) {
        if (value < 0) {
            throw new FailureException(Failure.InvalidRequest.of(field, "must not be negative"));
        }
    }

    static DeadLetter letter(DeadLetterStore.DeadLetter letter) {
        return builder(letter).build();
    }

    static DeadLetter letterWithBytes(DeadLetterStore.DeadLetter letter, EventText text) {
        ByteString header = ByteString.copyFrom(letter.header());
        ByteString event = ByteString.copyFrom(letter.event());
        String json =
                switch (letter.stage()) {
                    case QUARANTINE, SINK -> text.toJson(header, event);
                    case TRANSFORM -> text.deliveryToJson(header, event);
                };
        return builder(letter).setHeader(header).setEvent(event).setEventJson(json).build();
    }

    private static DeadLetter.Builder builder(DeadLetterStore.DeadLetter letter) {
        DeadLetter.Builder builder =
                DeadLetter.newBuilder()
                        .setLetterId(letter.letterId())
                        .setPosition(letter.cursor().position())
                        .setIndex(letter.cursor().index())
                        .setEventId(letter.eventId())
                        .setType(letter.type())
                        .setClientId(letter.clientId())
                        .setRoute(letter.route())
                        .setStage(name(letter.stage()))
                        .setReason(letter.reason())
                        .setAttempts(letter.attempts())
                        .setIngestTime(timestamp(letter.ingestTime()))
                        .setFirstFailureTime(timestamp(letter.firstFailureTime()))
                        .setParkedTime(timestamp(letter.parkedTime()))
                        .setState(state(letter.state()));
        Instant replayed = letter.replayTime();
        if (replayed != null) {
            builder.setReplayTime(timestamp(replayed));
        }
        return builder;
    }

    static DeadLetterCount count(DeadLetterStore.DeadLetterCount count) {
        return DeadLetterCount.newBuilder()
                .setType(count.type())
                .setStage(name(count.stage()))
                .setReason(count.reason())
                .setState(state(count.state()))
                .setCount(count.count())
                .setOldest(timestamp(count.oldest()))
                .setNewest(timestamp(count.newest()))
                .build();
    }

    static ReplayDeadLettersResponse progress(DeadLetterReplay.Progress progress) {
        return ReplayDeadLettersResponse.newBuilder()
                .setMatched(progress.matched())
                .setReplayed(progress.replayed())
                .setFailed(progress.failed())
                .setCameBack(progress.cameBack())
                .addAllFailures(progress.failures())
                .setDone(progress.done())
                .build();
    }

    private static DeadLetter.State state(DeadLetterStore.State state) {
        return switch (state) {
            case PARKED -> DeadLetter.State.STATE_PARKED;
            case REPLAYED -> DeadLetter.State.STATE_REPLAYED;
        };
    }

    static Iterable<ParkedLetters> parkedLetters(DeadLetterWatch letters) {
        return Arrays.stream(DeadLetterStore.Stage.values())
                .filter(stage -> letters.parked(stage) > 0)
                .map(stage ->
                        ParkedLetters.newBuilder()
                                .setStage(name(stage))
                                .setCount(letters.parked(stage))
                                .build())
                .toList();
    }

    private static String name(DeadLetterStore.Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    private static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    static JournalStatus journal(LogFacts.OfJournal journal) {
        return JournalStatus.newBuilder()
                .setStartPosition(journal.startPosition())
                .setDurablePosition(journal.durablePosition())
                .setSegments(journal.segments())
                .setBytes(journal.bytes())
                .setRefusal(journal.refusal())
                .build();
    }

    static RabbitmqStatus rabbitmq(LogFacts.OfRabbit rabbit) {
        return RabbitmqStatus.newBuilder()
                .setAddress(rabbit.address())
                .setPendingBytes(rabbit.pendingBytes())
                .setFault(rabbit.fault())
                .build();
    }
}
