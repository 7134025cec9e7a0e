package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.schema.ProtobufOracle.JudgedBatch;
import dev.wirebrook.schema.ProtobufOracle.JudgedEvent;
import dev.wirebrook.schema.ScannedBatch.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Asserts that walker and protobuf-java say the same of a batch, and counts what they said.
 *
 * <p>One difference is known and let pass: protobuf-java up to 4.36.2 takes a 64-bit varint of ten
 * bytes whose last is odd and says that more bytes follow; not everywhere, so that even its
 * generated classes and its descriptors disagree. The walker refuses it, as other parsers do.
 */
final class Agreement {
    private static final int MARGIN = 11;
    private static final Pattern AT_BYTE = Pattern.compile("(.*), at byte (\\d+) of the event;.*");

    private final EventCatalog catalog;
    private final BatchWalker walker;
    private final ProtobufOracle oracle;
    private final ScannedBatch scanned = new ScannedBatch();
    private final Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    private int malformed;
    private int unreadable;

    Agreement(EventCatalog catalog) {
        this.catalog = catalog;
        walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        oracle = new ProtobufOracle(catalog);
    }

    /**
     * Checks the batch and says whether it holds nothing that protobuf refuses; empty when that is
     * the known difference.
     */
    Optional<Boolean> check(byte[] batch) {
        // In the middle of foreign bytes that continue whatever is cut off.
        byte[] array = new byte[batch.length + 2 * MARGIN];
        Arrays.fill(array, (byte) 1);
        System.arraycopy(batch, 0, array, MARGIN, batch.length);
        ScanResult result = walker.scan(array, MARGIN, batch.length, scanned);
        Optional<JudgedBatch> judged = oracle.judge(batch);
        boolean wholeBatchSound = oracle.accepts(batch);
        if (result instanceof ScanResult.Malformed found
                && isOverrunVarint(found.reason(), array, MARGIN + found.byteOffset())) {
            return Optional.empty();
        }
        if (judged.isEmpty()) {
            malformed++;
            assertThat(result).isInstanceOf(ScanResult.Malformed.class);
            assertThat(((ScanResult.Malformed) result).byteOffset()).isBetween(0, batch.length);
            assertThat(wholeBatchSound).isFalse();
            return Optional.of(false);
        }
        assertThat(result)
                .isInstanceOf(
                        judged.get().events().isEmpty()
                                ? ScanResult.Empty.class
                                : ScanResult.Scanned.class);
        checkHeader(judged.get());
        assertThat(scanned.size()).isEqualTo(judged.get().events().size());
        boolean allReadable = true;
        boolean differs = false;
        for (int i = 0; i < scanned.size(); i++) {
            JudgedEvent event = judged.get().events().get(i);
            if (isOverrunVarint(i)) {
                differs = true;
            } else {
                checkEvent(event, i);
            }
            allReadable &= event.readable();
        }
        assertThat(wholeBatchSound).isEqualTo(allReadable);
        return differs ? Optional.empty() : Optional.of(wholeBatchSound);
    }

    private void checkHeader(JudgedBatch judged) {
        try {
            CodedInputStream input =
                    CodedInputStream.newInstance(
                            scanned.header(),
                            scanned.headerStart(),
                            scanned.headerEnd() - scanned.headerStart());
            assertThat(DynamicMessage.parseFrom(catalog.header().getMessageType(), input))
                    .isEqualTo(judged.header());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(text(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd()))
                .isEqualTo(judged.clientId());
    }

    private void checkEvent(JudgedEvent event, int i) {
        verdicts.merge(event.verdict(), 1, Integer::sum);
        int length = scanned.end(i) - scanned.start(i);
        assertThat(ByteString.copyFrom(scanned.bytes(), scanned.start(i), length))
                .isEqualTo(event.bytes());
        assertThat(scanned.verdict(i))
                .as(scanned.violations(i).toString())
                .isEqualTo(event.verdict());
        assertThat(scanned.violations(i).isEmpty()).isEqualTo(event.verdict() != Verdict.REJECTED);
        if (!event.readable()) {
            unreadable++;
            return;
        }
        assertThat(text(scanned.bytes(), scanned.idStart(i), scanned.idEnd(i)))
                .isEqualTo(event.id());
        assertThat(scanned.typeOrdinal(i)).isEqualTo(event.typeOrdinal());
        assertThat(scanned.eventTimeMicros(i)).isEqualTo(event.eventTimeMicros());
    }

    private boolean isOverrunVarint(int event) {
        return scanned.violations(event).stream()
                .map(violation -> AT_BYTE.matcher(violation.description()))
                .anyMatch(at ->
                        at.matches()
                                && isOverrunVarint(
                                        at.group(1),
                                        scanned.bytes(),
                                        scanned.start(event) + Integer.parseInt(at.group(2))));
    }

    private static boolean isOverrunVarint(String reason, byte[] bytes, int offset) {
        return reason.equals(WireFault.VARINT_TOO_LONG.description())
                && (bytes[offset + 9] & 1) == 1;
    }

    /** That the random batches were worth the time. */
    void assertSawEverything(boolean damaged) {
        assertThat(verdicts).containsOnlyKeys(Verdict.values());
        assertThat(malformed > 0 || !damaged).isTrue();
        assertThat(unreadable).isPositive();
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
