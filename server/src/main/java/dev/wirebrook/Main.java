package dev.wirebrook;

import dev.wirebrook.app.Node;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.app.ServerSettings;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.WirebrookCommandLine;
import java.io.IOException;

/** The process's entry point, and the only place that ends it. */
public final class Main {
    private static final String LOG_FORMAT_KEY = "java.util.logging.SimpleFormatter.format";
    private static final String LOG_LINE = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n";

    private Main() {}

    public static void main(String[] args) {
        if (System.getProperty(LOG_FORMAT_KEY) == null) {
            System.setProperty(LOG_FORMAT_KEY, LOG_LINE);
        }
        Environment environment = Environment.ofProcess();
        CommandContext context =
                new CommandContext(Terminal.ofProcess(environment), environment, Main::startServer);
        System.exit(new WirebrookCommandLine(context).run(args));
    }

    /**
     * A signal that asks the process to end lets the server drain first; having done so is success.
     */
    private static RunningServer startServer(ServerSettings settings) throws IOException {
        Node node = Node.start(settings);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    node.close();
                                    Runtime.getRuntime().halt(0);
                                },
                                "wirebrook-shutdown"));
        return node;
    }
}
