package dev.wirebrook.app;

import java.io.IOException;

/** Starts a server in this process. */
@FunctionalInterface
public interface ServerLauncher {
    /**
     * Returns when the server is ready: both listeners answer.
     *
     * @throws IOException when it cannot start; the message says why and what to do
     */
    RunningServer start(ServerSettings settings) throws IOException;
}
