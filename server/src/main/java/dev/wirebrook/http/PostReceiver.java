package dev.wirebrook.http;

import java.io.IOException;

/** What takes in bodies that are posted below a path. Thread-safe; may block. */
public interface PostReceiver {
    /**
     * @throws IOException as reading the body throws it
     */
    Answer receive(PostRequest request) throws IOException, InterruptedException;
}
