package dev.wirebrook.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NicenessTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void steps_back_with_its_own_thread_only() throws Exception {
        int before = niceValue();
        CompletableFuture<Integer> after = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> {
                    try {
                        Niceness.stepBack(5);
                        after.complete(niceValue());
                    } catch (Exception e) {
                        after.completeExceptionally(e);
                    }
                });
        assertThat(after.get(10, TimeUnit.SECONDS)).isEqualTo(Math.min(before + 5, 19));
        assertThat(niceValue()).isEqualTo(before);
    }

    /** Field 19 of proc(5)'s stat; the name before it, in parentheses, may have spaces. */
    private static int niceValue() throws Exception {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    }
}
