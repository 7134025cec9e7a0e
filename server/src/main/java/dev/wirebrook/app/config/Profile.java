package dev.wirebrook.app.config;

/** Which defaults hold. */
public enum Profile {
    /** {@code wirebrook dev}: one developer's machine. */
    DEVELOPMENT,
    /** {@code wirebrook serve}. */
    PRODUCTION
}
