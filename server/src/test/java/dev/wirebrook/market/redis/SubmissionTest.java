package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.Refusals;
import dev.wirebrook.market.UpdateDraft;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SubmissionTest {
    private static final Failure LATE = Refusals.late();

    private final CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
    private final Submission submission = new Submission(RedisNode.publication(outcome));

    private Parcel parcel(int... places) {
        submission.opens();
        List<Integer> of = Arrays.stream(places).boxed().toList();
        return new Parcel(
                1,
                submission,
                of.stream().map(place -> UpdateDraft.of(ltp(1, place), Instant.EPOCH)).toList(),
                of,
                List.of(),
                0);
    }

    private static Outcome accepted(long sequence) {
        return new Outcome.Accepted(sequence);
    }

    @Test
    void is_settled_when_its_last_parcel_is() {
        Parcel first = parcel(0, 1);
        Parcel second = parcel(2);
        assertThat(submission.settled(first, "a", List.of(accepted(4), accepted(5)))).isFalse();
        assertThat(submission.settled(second, "a", List.of(accepted(9)))).isTrue();
        assertThat(submission.isTorn()).isFalse();
        assertThat(submission.lastSequence()).isEqualTo(9);
        submission.answer("a");
        assertThat(outcome.join().sequences()).containsExactly(4L, 5L, 9L);
    }

    @Test
    void is_torn_when_its_parcels_were_taken_in_two_epochs() {
        Parcel first = parcel(0);
        Parcel second = parcel(1);
        submission.settled(first, "a", List.of(accepted(4)));
        assertThat(submission.settled(second, "b", List.of(accepted(5)))).isTrue();
        assertThat(submission.isTorn()).isTrue();
    }

    @Test
    void is_torn_when_a_sequence_was_given_twice() {
        Parcel first = parcel(0, 1);
        Parcel second = parcel(2);
        submission.settled(first, "a", List.of(accepted(4), accepted(5)));
        assertThat(submission.settled(second, "a", List.of(accepted(5)))).isTrue();
        assertThat(submission.isTorn()).isTrue();
    }

    @Test
    void what_is_refused_has_no_sequence_and_tears_nothing() {
        Parcel first = parcel(0, 1, 2);
        List<Outcome> outcomes = List.of(accepted(4), new Outcome.Refused(LATE), accepted(5));
        assertThat(submission.settled(first, "a", outcomes)).isTrue();
        assertThat(submission.isTorn()).isFalse();
        submission.answer("a");
        assertThat(outcome.join().sequences()).containsExactly(4L, 5L);
        assertThat(outcome.join().rejections())
                .containsExactly(new PublishOutcome.Rejection(1, 1, "", LATE));
    }
}
