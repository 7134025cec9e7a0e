package dev.wirebrook.bench.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures one engine in all its modes and prints a line for the report for each:
 *
 * <pre>PeersBenchmark ENGINE HOST:PORT PID[,PID] ROUNDS ROUND_SECONDS WARM_UP_SECONDS</pre>
 */
public final class PeersBenchmark {
    private PeersBenchmark() {}

    @SuppressWarnings("SystemOut") // its output is the report
    public static void main(String[] args) throws Exception {
        if (args.length != 6) {
            System.err.println(
                    "PeersBenchmark ENGINE HOST:PORT PID[,PID] ROUNDS ROUND_SECONDS WARM_UP_SECONDS");
            System.exit(2);
        }
        String host = args[1].substring(0, args[1].lastIndexOf(':'));
        int port = Integer.parseInt(args[1].substring(args[1].lastIndexOf(':') + 1));
        ProcessCpu serverCpu =
                ProcessCpu.ofPids(
                        Arrays.stream(args[2].split(",", -1)).map(Long::valueOf).toList());
        int rounds = Integer.parseInt(args[3]);
        Duration round = Duration.ofSeconds(Long.parseLong(args[4]));
        Duration warmUp = Duration.ofSeconds(Long.parseLong(args[5]));
        for (Contender contender : Contender.ALL) {
            if (!contender.engine().equals(args[0])) {
                continue;
            }
            List<String> cells = new ArrayList<>();
            for (Shape shape : Shape.values()) {
                if (!contender.shapes().contains(shape)) {
                    cells.add("- | - | -");
                    continue;
                }
                Peer peer = contender.connect(host, port, shape);
                cells.add(cells(new Load(peer, shape).run(warmUp, round, rounds, serverCpu)));
                peer.disconnect();
            }
            System.out.printf(
                    "| %s | %s | %s |%n",
                    contender.title(), contender.acknowledges(), String.join(" | ", cells));
        }
        System.exit(0); // clients leave threads behind
    }

    private static String cells(List<Load.Round> rounds) {
        return String.format(
                Locale.ROOT,
                "%,.0f | %.2f | %.2f",
                median(rounds, Load.Round::eventsPerSecond),
                median(rounds, Load.Round::clientCpuMicrosPerEvent),
                median(rounds, Load.Round::serverCpuMicrosPerEvent));
    }

    private static double median(List<Load.Round> rounds, ToDoubleFunction<Load.Round> measure) {
        double[] sorted = rounds.stream().mapToDouble(measure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
