package dev.wirebrook.grpc;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.auth.Verdict;
import dev.wirebrook.failure.Failure;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks each call who it is for, before its handler starts and its messages are read. Thread-safe.
 */
final class AccessGuard {
    /** Gives the header's bytes as they came: a text made of each would cost more than the rest. */
    private static final Metadata.Key<byte[]> AUTHORIZATION =
            InternalMetadata.keyOf("authorization", new AsTheyCame());

    private static final byte[] NONE = {};

    private final Authenticator authenticator;
    private final Quotas quotas;

    AccessGuard(Authenticator authenticator, Quotas quotas) {
        this.authenticator = authenticator;
        this.quotas = quotas;
    }

    /**
     * @param needed what the caller has to be allowed; null: nothing, only to be known
     */
    Access admit(Connection connection, Metadata headers, @Nullable Scope needed) {
        byte[] header = NONE;
        Iterable<byte[]> sent = headers.getAll(AUTHORIZATION);
        if (sent != null) {
            Iterator<byte[]> values = sent.iterator();
            header = values.next();
            if (values.hasNext()) {
                return new Access.Refused(authenticator.refuseSeveral().failure());
            }
        }
        Access.Admitted last = connection.last();
        return last != null && last.isOf(header) && authenticator.holds(last.verdict())
                ? permit(last, needed)
                : ask(connection, header, needed);
    }

    private Access ask(Connection connection, byte[] header, @Nullable Scope needed) {
        Optional<String> text =
                header.length == 0
                        ? Optional.empty()
                        : Optional.of(new String(header, StandardCharsets.ISO_8859_1));
        return switch (authenticator.authenticate(text, connection.caller().certified())) {
            case Verdict.Refused(Failure.Unauthenticated failure) -> new Access.Refused(failure);
            case Verdict.Allowed allowed -> {
                Caller caller = connection.caller().as(allowed.principal());
                Access.Admitted admitted =
                        new Access.Admitted(header, allowed, caller, quotas.of(caller));
                connection.remember(admitted);
                yield permit(admitted, needed);
            }
        };
    }

    private Access permit(Access.Admitted admitted, @Nullable Scope needed) {
        if (needed == null) {
            return admitted;
        }
        Optional<Failure> refusal = authenticator.refusal(admitted.verdict().principal(), needed);
        return refusal.isPresent() ? new Access.Refused(refusal.get()) : admitted;
    }

    private static final class AsTheyCame
            implements InternalMetadata.TrustedAsciiMarshaller<byte[]> {
        @Override
        public byte[] toAsciiString(byte[] value) {
            return value;
        }

        @Override
        public byte[] parseAsciiString(byte[] serialized) {
            return serialized;
        }
    }
}
