package dev.wirebrook.grpc;

import dev.wirebrook.auth.Verdict;
import dev.wirebrook.failure.Failure;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Whether a call may go on. */
sealed interface Access {
    /** It may not. */
    record Refused(Failure failure) implements Access {}

    /**
     * It may, for a known caller. Kept with the connection, so that the next call with the same
     * header takes a comparison and no object. A class, for a record would show the token.
     */
    final class Admitted implements Access {
        private static final VarHandle LONGS =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

        private final byte[] header;
        private final Verdict.Allowed verdict;
        private final ClientQuota quota;
        private final ScopedValue.Carrier scope;

        Admitted(byte[] header, Verdict.Allowed verdict, Caller caller, ClientQuota quota) {
            this.header = header;
            this.verdict = verdict;
            this.quota = quota;
            scope = quota.scope(caller);
        }

        Verdict.Allowed verdict() {
            return verdict;
        }

        /** Of the caller. */
        ClientQuota quota() {
            return quota;
        }

        /** Runs code for the caller. */
        ScopedValue.Carrier scope() {
            return scope;
        }

        /**
         * Takes as long whatever differs, but for the length: one connection of a proxy may carry
         * the calls of many. Eight bytes at a time, since tokens may have thousands.
         */
        boolean isOf(byte[] other) {
            if (other.length != header.length) {
                return false;
            }
            long difference = 0;
            int at = 0;
            for (; at <= header.length - Long.BYTES; at += Long.BYTES) {
                difference |= (long) LONGS.get(header, at) ^ (long) LONGS.get(other, at);
            }
            for (; at < header.length; at++) {
                difference |= header[at] ^ other[at];
            }
            return difference == 0;
        }
    }
}
