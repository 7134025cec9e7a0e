package dev.wirebrook.client;

/**
 * What an opened spool held.
 *
 * @param events to be sent again
 * @param bytes of those events
 * @param tornBytes behind the last whole record, cut off: events whose {@code publish} had not
 *     returned when the process ended, or, when the machine went down, those not yet forced
 */
public record SpoolRecovery(long events, long bytes, long tornBytes) {}
