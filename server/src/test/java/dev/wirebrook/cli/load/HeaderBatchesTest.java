package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.wirebrook.cli.load.EventSource.NumberedEvent;
import dev.wirebrook.cli.load.HeaderBatches.OpenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeaderBatchesTest {
    private final RowLedger ledger = new RowLedger(0);
    private final HeaderBatches batches = new HeaderBatches(3, ledger::opened);

    private List<OpenBatch> add(long number, String header) {
        return add(number, header, 10);
    }

    private List<OpenBatch> add(long number, String header, int bytes) {
        ledger.passed(number);
        return batches.add(
                new NumberedEvent(
                        number,
                        ByteString.copyFromUtf8(header),
                        ByteString.copyFrom(new byte[bytes])),
                number);
    }

    @Test
    void events_of_one_header_go_together_though_others_come_between() {
        assertThat(add(1, "a")).isEmpty();
        assertThat(add(2, "b")).isEmpty();
        assertThat(add(3, "a")).isEmpty();
        List<OpenBatch> gone = add(4, "a");
        assertThat(gone).hasSize(1);
        assertThat(gone.getFirst().batch().header().toStringUtf8()).isEqualTo("a");
        assertThat(gone.getFirst().number(0)).isEqualTo(1);
        assertThat(gone.getFirst().number(2)).isEqualTo(4);
    }

    @Test
    void a_batch_goes_when_it_is_long() {
        assertThat(add(1, "a", 400 << 10)).isEmpty();
        assertThat(add(2, "a", 200 << 10)).hasSize(1);
    }

    @Test
    void the_oldest_goes_when_too_many_are_open() {
        List<OpenBatch> gone = new ArrayList<>();
        for (int i = 1; i <= 66; i++) {
            gone.addAll(add(i, "h" + i));
        }
        assertThat(gone).extracting(OpenBatch::firstNumber).containsExactly(1L, 2L);
    }

    @Test
    void the_oldest_goes_when_it_is_overdue() {
        add(1, "a");
        add(2, "b");
        assertThat(batches.overdue(3, 1)).isEmpty();
        assertThat(batches.overdue(3, 2)).map(OpenBatch::firstNumber).contains(1L);
        assertThat(batches.overdue(30_000, 0)).map(OpenBatch::firstNumber).contains(2L);
        assertThat(batches.overdue(30_000, 0)).isEmpty();
    }

    @Test
    void the_ledger_stands_before_the_first_row_that_is_not_settled() {
        assertThat(ledger.rowsDone()).isZero();
        add(1, "a");
        add(2, "b");
        add(3, "a");
        assertThat(ledger.rowsDone()).isZero();
        ledger.settled(2);
        assertThat(ledger.rowsDone()).isZero();
        ledger.settled(1);
        assertThat(ledger.rowsDone()).isEqualTo(3);
        ledger.passed(4);
        ledger.opened(5);
        ledger.passed(5);
        assertThat(ledger.rowsDone()).isEqualTo(4);
        Optional<OpenBatch> any = batches.removeAny();
        assertThat(any).isPresent();
    }
}
