package dev.wirebrook.http;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.auth.Verdict;
import dev.wirebrook.failure.Failure;
import java.util.List;
import java.util.Optional;

/**
 * Asks requests that are no calls who they are for, and asks all of them for the certificate that
 * gRPC would ask for. Thread-safe.
 *
 * @param authenticator says who it is; belongs to the caller. Empty: nobody has to say
 * @param certifiedOnly whether only clients with a certificate are served
 */
public record Doorkeeper(Optional<Authenticator> authenticator, boolean certifiedOnly) {
    /** Serves everybody. */
    public static final Doorkeeper OPEN = new Doorkeeper(Optional.empty(), false);

    /** Serves those with the scope, and where gRPC wants a certificate only those with one. */
    public Endpoint scoped(Scope needed, Endpoint endpoint) {
        return certified(exchange -> {
            Optional<Answer> refusal =
                    authenticator.flatMap(asked -> refusal(asked, exchange, needed));
            refusal.ifPresentOrElse(exchange::send, () -> endpoint.answer(exchange));
        });
    }

    /** Serves only those with a certificate where gRPC wants one. */
    Endpoint certified(Endpoint endpoint) {
        return exchange -> {
            if (certifiedOnly && exchange.connection().caller().certified().isEmpty()) {
                exchange.send(
                        Answer.text(
                                401,
                                "this server takes only clients with a certificate; connect with"
                                        + " one of its authorities"));
            } else {
                endpoint.answer(exchange);
            }
        };
    }

    private static Optional<Answer> refusal(Authenticator asked, Exchange exchange, Scope needed) {
        List<String> headers = exchange.headers("authorization");
        Verdict verdict =
                headers.size() > 1
                        ? asked.refuseSeveral()
                        : asked.authenticate(
                                headers.stream().findFirst(),
                                exchange.connection().caller().certified());
        return switch (verdict) {
            case Verdict.Refused(Failure.Unauthenticated failure) ->
                    Optional.of(
                            Answer.text(401, failure.message()).with("www-authenticate", "Bearer"));
            case Verdict.Allowed allowed ->
                    asked.refusal(allowed.principal(), needed)
                            .map(failure -> Answer.text(403, failure.message()));
        };
    }
}
