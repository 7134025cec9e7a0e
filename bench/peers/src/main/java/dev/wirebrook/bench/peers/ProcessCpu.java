package dev.wirebrook.bench.peers;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** CPU time of processes and of all that they started, as the operating system counts it. */
record ProcessCpu(List<ProcessHandle> roots) {
    ProcessCpu {
        roots = List.copyOf(roots);
    }

    static ProcessCpu ofThisProcess() {
        return new ProcessCpu(List.of(ProcessHandle.current()));
    }

    static ProcessCpu ofPids(List<Long> pids) {
        return new ProcessCpu(
                pids.stream()
                        .map(pid ->
                                ProcessHandle.of(pid)
                                        .orElseThrow(() ->
                                                new IllegalArgumentException("no process " + pid)))
                        .toList());
    }

    /** Processes that ended since are not in the sum. */
    Duration used() {
        return roots.stream()
                .flatMap(root -> Stream.concat(Stream.of(root), root.descendants()))
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }
}
