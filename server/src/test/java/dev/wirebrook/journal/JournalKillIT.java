package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that appends, again and again, and looks for everything it confirmed. */
class JournalKillIT {
    private static final int KILLS = 7;
    private static final JournalSettings SETTINGS =
            new JournalSettings(
                    1 << 20,
                    4 << 20,
                    256 << 10,
                    64 << 10,
                    3,
                    Duration.ofDays(1),
                    1L << 33,
                    1L << 34,
                    true);

    @TempDir Path directory;

    /** The process that dies: prints each id when it is confirmed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            int life = Integer.parseInt(arguments[1]);
            Semaphore window = new Semaphore(200);
            PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
            Journal journal = Journal.open(Path.of(arguments[0]), SETTINGS, InstantSource.system());
            for (int i = 0; i < Integer.MAX_VALUE; i++) {
                window.acquire();
                int sequence = i;
                journal.append(
                        new TestAppend(record(life, sequence), Runnable::run) {
                            @Override
                            public void onDurable(long position, long endPosition) {
                                out.println(sequence);
                                window.release();
                                if (window.availablePermits() > 150) {
                                    out.flush();
                                }
                            }

                            @Override
                            public void onRefused(JournalRefusal refusal) {
                                throw new IllegalStateException(refusal.toString());
                            }
                        });
            }
        }
    }

    private static byte[] record(int life, int sequence) {
        byte[] record = new byte[8 + (sequence * 131) % 3000];
        new SplittableRandom(life * 1_000_003L + sequence).nextBytes(record);
        ByteBuffer.wrap(record).putInt(life).putInt(sequence);
        return record;
    }

    @Test
    void whatever_a_killed_process_confirmed_is_there() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Integer> confirmed = new HashMap<>();
        for (int life = 0; life < KILLS; life++) {
            confirmed.put(life, liveAndDie(life, random.nextInt(50, 700)));
            try {
                assertAllThere(confirmed);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", life " + life, e);
            }
        }
        assertThat(confirmed.values()).anyMatch(sequence -> sequence > 500);
    }

    /** Returns the last id that the process confirmed; it confirms in order. */
    private int liveAndDie(int life, int millisAfterFirst) throws Exception {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        ProcessHandle.current().info().command().orElseThrow(),
                                        "-XX:TieredStopAtLevel=1",
                                        "-Xmx256m",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Victim.class.getName(),
                                        directory.toString(),
                                        String.valueOf(life)))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        int last = -1;
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            long killAt = 0;
            String line = out.readLine();
            while (line != null) {
                if (killAt == 0) {
                    killAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millisAfterFirst);
                    Thread.ofVirtual().start(() -> killAfter(process, millisAfterFirst));
                }
                String next = out.readLine();
                if (next != null) {
                    // The last line may be a part.
                    assertThat(Integer.parseInt(line)).isEqualTo(last + 1);
                    last++;
                }
                line = next;
            }
        } finally {
            kill(process);
        }
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(137);
        return last;
    }

    /** Not through the process itself, which would close its streams with lines in them. */
    private static void kill(Process process) {
        process.toHandle().destroyForcibly();
    }

    private static void killAfter(Process process, int millis) {
        try {
            if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                kill(process);
            }
        } catch (InterruptedException e) {
            kill(process);
        }
    }

    private void assertAllThere(Map<Integer, Integer> confirmed) throws IOException {
        Map<Integer, Integer> next = new HashMap<>();
        try (Journal journal = Journal.open(directory, SETTINGS, InstantSource.system());
                JournalReader reader = journal.reader(0)) {
            while (reader.next()) {
                byte[] record = reader.copyPayload();
                int life = ByteBuffer.wrap(record).getInt();
                int sequence = ByteBuffer.wrap(record).getInt(4);
                assertThat(sequence).isEqualTo(next.getOrDefault(life, 0));
                assertThat(record).isEqualTo(record(life, sequence));
                next.put(life, sequence + 1);
            }
        }
        confirmed.forEach((life, last) ->
                assertThat(next.getOrDefault(life, 0))
                        .as("records of life %d", life)
                        .isGreaterThan(last));
    }
}
