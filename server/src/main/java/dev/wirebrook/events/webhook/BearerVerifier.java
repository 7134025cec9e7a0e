package dev.wirebrook.events.webhook;

import java.util.List;
import java.util.Optional;

/** The secret itself comes with every request: {@code Authorization: Bearer SECRET}. */
final class BearerVerifier implements Verifier {
    private static final String SCHEME = "Bearer ";

    private final String secret;
    private final String setting;

    BearerVerifier(String secret, String setting) {
        this.secret = secret;
        this.setting = setting;
    }

    @Override
    public Optional<String> refusal(WebhookRequest request) {
        String given = request.header(List.of("Authorization"));
        boolean bearer = given.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        String token = bearer ? given.substring(SCHEME.length()).strip() : "";
        return SecretText.equal(secret, token)
                ? Optional.empty()
                : Optional.of("send the header Authorization: Bearer with the text of " + setting);
    }
}
