package dev.wirebrook.app.config;

/**
 * What somebody set a key to.
 *
 * @param text as written
 * @param source who set it, such as {@code wirebrook.yaml:12}
 */
record SourcedText(String text, String source) {}
