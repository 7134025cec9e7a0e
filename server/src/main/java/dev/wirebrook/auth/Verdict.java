package dev.wirebrook.auth;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Failure.Unauthenticated.Reason;
import java.time.Instant;

/** Whether it is known who calls. Says nothing of the token itself. */
public sealed interface Verdict {
    /**
     * It is known.
     *
     * @param until when the token ends, in milliseconds since 1970; exclusive
     * @param generation of the files that say so
     */
    record Allowed(Principal principal, long until, long generation) implements Verdict {
        /** An end that never comes. */
        static final long FOREVER = Long.MAX_VALUE;
    }

    /** It is not. */
    record Refused(Failure.Unauthenticated failure) implements Verdict {}

    static Refused noToken() {
        return refused(
                Reason.NO_TOKEN,
                "this call needs a token; send it as `authorization: Bearer TOKEN`");
    }

    /** Which check failed is not said: whoever tries tokens out would learn from it. */
    static Refused invalid() {
        return refused(
                Reason.INVALID_TOKEN,
                "the token is not one that this server knows; check that it is whole and meant for"
                        + " this server, or get a new one");
    }

    static Refused notBearer() {
        return refused(
                Reason.INVALID_TOKEN,
                "the call has to carry one token, as `authorization: Bearer TOKEN`");
    }

    static Refused expired(long end) {
        return refused(
                Reason.EXPIRED_TOKEN,
                "the token expired at " + Instant.ofEpochMilli(end) + "; get a new one");
    }

    static Refused notYetValid(long start) {
        return refused(
                Reason.NOT_YET_VALID_TOKEN,
                "the token is valid only from "
                        + Instant.ofEpochMilli(start)
                        + "; wait, or set the clocks right");
    }

    static Refused wrongAudience() {
        return refused(
                Reason.WRONG_AUDIENCE,
                "the token is meant for another audience; ask its issuer for one for this server");
    }

    /** Told, because only a token with a good signature comes this far. */
    static Refused invalidTenant(String claim) {
        return refused(
                Reason.INVALID_TOKEN,
                "the token's claim \"%s\" is not a valid name of a tenant; expected %s. Ask its issuer for a token with such a name"
                        .formatted(claim, TenantName.EXPECTED));
    }

    static Refused revoked() {
        return refused(Reason.REVOKED_TOKEN, "the token is revoked; ask for a new one");
    }

    static Refused unknownCertificate() {
        return refused(
                Reason.UNKNOWN_CERTIFICATE,
                "the certificate is trusted, but no client of this server has it; send a token as"
                        + " `authorization: Bearer TOKEN`, or have the certificate's name added to"
                        + " the clients");
    }

    private static Refused refused(Reason reason, String message) {
        return new Refused(new Failure.Unauthenticated(message, reason));
    }
}
