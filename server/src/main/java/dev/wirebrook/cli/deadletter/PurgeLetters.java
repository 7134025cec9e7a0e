package dev.wirebrook.cli.deadletter;

import dev.wirebrook.api.admin.v1.PurgeDeadLettersRequest;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.client.AdminClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook dlq purge}. */
@Command(name = "purge", description = "Deletes dead letters for good.")
final class PurgeLetters extends LettersCommand {
    @Mixin private final DeadLetterFilters filters = new DeadLetterFilters();

    @Option(names = "--all", description = "Needed where no filter is given.")
    private boolean all;

    @Option(names = "--dry-run", description = "Counts and deletes nothing.")
    private boolean dryRun;

    PurgeLetters(CommandContext context) {
        super(context);
    }

    @Override
    int run(AdminClient admin) {
        if (filters.isEmpty() && !all) {
            throw CommandFailure.usage(
                    "without a filter every dead letter goes",
                    "Say --all to mean it, or --filter KEY=VALUE.");
        }
        long purged =
                admin.purgeDeadLetters(
                                PurgeDeadLettersRequest.newBuilder()
                                        .setFilter(filters.toProto())
                                        .setAll(all)
                                        .setDryRun(dryRun)
                                        .build())
                        .getPurged();
        context.terminal()
                .out()
                .println(
                        dryRun
                                ? "%,d would be purged".formatted(purged)
                                : "%,d purged".formatted(purged));
        return ExitCodes.OK;
    }
}
