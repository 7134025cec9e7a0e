package dev.wirebrook.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build. */
public final class Version {
    /** Where Maven leaves the coordinates in the jar. */
    private static final String COORDINATES =
            "/META-INF/maven/dev.wirebrook/wirebrook-server/pom.properties";

    private Version() {}

    /** Such as {@code 0.1.0}; {@code unpackaged} when the classes do not come from the jar. */
    public static String current() {
        try (InputStream stream = Version.class.getResourceAsStream(COORDINATES)) {
            Properties coordinates = new Properties();
            if (stream != null) {
                coordinates.load(stream);
            }
            return coordinates.getProperty("version", "unpackaged");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
