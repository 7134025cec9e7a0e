package dev.wirebrook.cli.token;

import dev.wirebrook.cli.CommandContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code wirebrook token}. */
@Command(
        name = "token",
        synopsisSubcommandLabel = "(create | list | revoke ID | inspect [TOKEN])",
        description =
                "API keys: makes, lists and revokes those in a server's file of clients, and looks at tokens of any kind.",
        footer = {
            "",
            "  KEY=$(wirebrook token create --name checkout --scope events:write --clients clients.jsonl)",
            "  wirebrook serve --auth-clients clients.jsonl ...",
            "  wirebrook token revoke ID --clients clients.jsonl"
        })
public final class TokenCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    private TokenCommand(CommandContext context) {
        this.context = context;
    }

    /** With its nested commands, which picocli cannot construct on its own. */
    public static CommandSpec specification(CommandContext context) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(new TokenCommand(context));
        spec.addSubcommand("create", CommandSpec.forAnnotatedObject(new CreateToken(context)));
        spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new ListTokens(context)));
        spec.addSubcommand("revoke", CommandSpec.forAnnotatedObject(new RevokeToken(context)));
        spec.addSubcommand("inspect", CommandSpec.forAnnotatedObject(new InspectToken(context)));
        return spec;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }
}
