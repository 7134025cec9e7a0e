package dev.wirebrook.events;

import dev.wirebrook.schema.ReservedIds;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Event ids for replayed letters whose events came without one: {@code wirebrook:letter-}, the
 * letter's id, and 128 bits of an HMAC-SHA256 of the letter's id under the store's {@link
 * DeadLetterStore#replayKey}. The same letter always gets the same id, so a replay that is repeated
 * after a crash stores nothing twice. No client can forge one, that is, send an event that a later
 * replay would be taken for a duplicate of, because clients do not have the key; the intake rejects
 * the prefix too.
 */
final class ReplayIds {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int ID_BYTES = 16;

    private ReplayIds() {}

    static String of(long letterId, byte[] replayKey) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(replayKey, ALGORITHM));
            byte[] code = mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(letterId).array());
            return ReservedIds.EVENT_PREFIX
                    + "letter-"
                    + letterId
                    + '-'
                    + HexFormat.of().formatHex(code, 0, ID_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
