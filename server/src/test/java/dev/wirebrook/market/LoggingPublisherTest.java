package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class LoggingPublisherTest {
    private final SnapshotBook book = new SnapshotBook("e", 10, 4, InstantSource.system());
    private final List<String> logged = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private TickLog.Answer pending = new Heard();

    private final LoggingPublisher publisher =
            new LoggingPublisher(
                    new BookPublisher(
                            book,
                            new ExchangeTimeLimit(
                                    Duration.ofDays(1), InstantSource.fixed(Instant.EPOCH))),
                    book,
                    (epoch, updates, answer) -> {
                        updates.forEach(update -> logged.add(epoch + update.sequence()));
                        pending = answer;
                    });

    /** What the publisher is told. */
    private final class Heard implements SnapshotPublisher.Publication, TickLog.Answer {
        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public void answered(PublishOutcome outcome) {
            answers.add(outcome.accepted() + " taken, " + outcome.rejections().size() + " not");
        }

        @Override
        public void durable() {
            answers.add("durable before anything was published");
        }

        @Override
        public void refused(Failure failure) {
            answers.add(failure.getClass().getSimpleName());
        }
    }

    private static Snapshot ltp(double ltp) {
        return Snapshot.newBuilder().setSymbolId(1).setLtp(ltp).build();
    }

    @Test
    void answers_when_what_was_taken_is_durable() {
        publisher.publish(List.of(ltp(1), ltp(Double.NaN), ltp(2)), new Heard());
        assertThat(logged).containsExactly("e1", "e2");
        assertThat(answers).isEmpty();
        pending.durable();
        assertThat(answers).containsExactly("2 taken, 1 not");
        assertThat(publisher.accepted()).isEqualTo(2);
        assertThat(publisher.rejected()).isEqualTo(1);
    }

    @Test
    void tells_why_it_could_not_be_logged() {
        publisher.publish(List.of(ltp(1)), new Heard());
        pending.refused(Failure.NotFound.of("disk", "x"));
        assertThat(answers).containsExactly("NotFound");
    }

    @Test
    void logs_nothing_when_nothing_was_taken() {
        publisher.publish(List.of(ltp(Double.NaN)), new Heard());
        assertThat(logged).isEmpty();
        assertThat(answers).containsExactly("0 taken, 1 not");
    }

    @Test
    void does_not_acknowledge_what_the_book_no_longer_has() {
        publisher.publish(List.of(ltp(1), ltp(2), ltp(3), ltp(4), ltp(5)), new Heard());
        assertThat(logged).isEmpty();
        assertThat(answers).containsExactly("Unavailable");
    }

    @Test
    void does_not_log_numbers_of_another_epoch() {
        LoggingPublisher late =
                new LoggingPublisher(
                        new SnapshotPublisher() {
                            @Override
                            public void publish(List<Snapshot> updates, Publication publication) {
                                book.apply(updates);
                                book.restart("f", 1, List.of());
                                publication.answered(
                                        new PublishOutcome("e", List.of(1L), List.of()));
                            }

                            @Override
                            public void reset(int symbolId, Publication publication) {
                                throw new AssertionError();
                            }
                        },
                        book,
                        (epoch, updates, answer) -> logged.add("something"));
        late.publish(List.of(ltp(1)), new Heard());
        assertThat(logged).isEmpty();
        assertThat(answers).containsExactly("Unavailable");
    }

    private static Snapshot timed(double ltp) {
        return ltp(ltp).toBuilder().setExchangeTime(Timestamp.newBuilder().setSeconds(1)).build();
    }

    @Test
    void what_is_sent_again_after_it_is_durable_is_acknowledged_and_not_logged_again() {
        publisher.publish(List.of(timed(1)), new Heard());
        pending.durable();
        publisher.publish(List.of(timed(1)), new Heard());
        assertThat(logged).containsExactly("e1");
        assertThat(answers).containsExactly("1 taken, 0 not", "1 taken, 0 not");
        assertThat(book.sequence()).isEqualTo(1);
        assertThat(publisher.accepted()).isEqualTo(1);
    }

    @Test
    void what_is_sent_again_while_it_is_logged_is_acknowledged_when_that_is_durable() {
        publisher.publish(List.of(timed(1), timed(1)), new Heard());
        publisher.publish(List.of(timed(1)), new Heard());
        assertThat(logged).containsExactly("e1");
        assertThat(answers).isEmpty();
        pending.durable();
        assertThat(answers).containsExactlyInAnyOrder("2 taken, 0 not", "1 taken, 0 not");
    }

    @Test
    void what_is_sent_again_since_it_could_not_be_logged_is_logged() {
        publisher.publish(List.of(timed(1)), new Heard());
        pending.refused(Failure.NotFound.of("disk", "x"));
        publisher.publish(List.of(timed(1)), new Heard());
        assertThat(logged).containsExactly("e1", "e1");
        pending.durable();
        assertThat(answers).containsExactly("NotFound", "1 taken, 0 not");
    }

    @Test
    void an_update_of_the_same_time_that_says_something_else_is_one_of_its_own() {
        publisher.publish(List.of(timed(1), timed(2)), new Heard());
        assertThat(logged).containsExactly("e1", "e2");
    }

    @Test
    void an_update_without_a_time_is_never_a_duplicate() {
        publisher.publish(List.of(ltp(1), ltp(1)), new Heard());
        assertThat(logged).containsExactly("e1", "e2");
    }
}
