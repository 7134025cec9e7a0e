package dev.wirebrook.cli.bench;

import dev.wirebrook.client.WirebrookClient;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What to drive a server with.
 *
 * @param clients makes a client for each connection
 * @param stream batches on one stream a connection rather than a call each
 * @param inFlight batches that are sent and not answered, a connection
 * @param warmUp at the begin, not measured
 * @param eventsPerSecond 0: as fast as answers come (closed loop); else at this rate whatever
 *     happens (open loop), with latency from the moment that a batch was due
 * @param serverPid for the server's CPU time, when it runs on this machine
 */
public record BenchPlan(
        Supplier<WirebrookClient> clients,
        boolean stream,
        int connections,
        int inFlight,
        int batchEvents,
        Duration warmUp,
        Duration duration,
        double eventsPerSecond,
        OptionalLong serverPid) {}
