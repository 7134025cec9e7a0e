package dev.wirebrook.cli.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * How far an interrupted load has come, in a small file of the user's state folder: one for each
 * file, mapping and server. A finished load leaves none.
 */
final class LoadState {
    private static final String ROWS_DONE = "rows_done";

    private final Path file;

    /**
     * @param folder of the user's state
     * @param identity of file and mapping
     * @param target the server
     */
    LoadState(Path folder, String identity, String target) {
        file =
                folder.resolve("wirebrook")
                        .resolve("loads")
                        .resolve(FileIdentity.ofName(target, identity) + ".json");
    }

    /** Every row up to this number is settled; 0: the load has not begun. */
    long rowsDone() throws IOException {
        try {
            JsonObject state = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            JsonElement rowsDone = state.get(ROWS_DONE);
            if (rowsDone == null) {
                throw new JsonParseException("no " + ROWS_DONE);
            }
            return rowsDone.getAsLong();
        } catch (NoSuchFileException e) {
            return 0;
        } catch (JsonParseException
                | IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException e) {
            throw new IOException(file + " cannot be read; remove it or say --restart", e);
        }
    }

    /** Survives a crash of this process at any moment. */
    void save(long rowsDone) throws IOException {
        JsonObject state = new JsonObject();
        state.addProperty(ROWS_DONE, rowsDone);
        Files.createDirectories(file.getParent());
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(unfinished, state + "\n");
        Files.move(
                unfinished,
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    void forget() throws IOException {
        Files.deleteIfExists(file);
    }
}
