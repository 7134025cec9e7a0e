package dev.wirebrook.events.grpc;

import io.grpc.Metadata;

/**
 * Metadata {@code x-report-duplicates: true} asks {@code dispatch} to say which events came before.
 * Duplicates are stored once either way; the look-up costs about as much again as taking the event
 * in, so it is for those who ask.
 */
final class DuplicateReports {
    private static final Metadata.Key<String> KEY =
            Metadata.Key.of("x-report-duplicates", Metadata.ASCII_STRING_MARSHALLER);

    private DuplicateReports() {}

    static boolean asked(Metadata headers) {
        return "true".equalsIgnoreCase(headers.get(KEY));
    }
}
