package dev.wirebrook.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void threads_that_a_library_keeps_end_with_the_others() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Workers workers = new Workers();
        Thread thread =
                workers.factory("library")
                        .newThread(() -> {
                            runs.countDown();
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).isEqualTo("wirebrook-library");
        thread.start();
        runs.await();
        workers.close();
        assertThat(interrupted.getCount()).isZero();
    }
}
