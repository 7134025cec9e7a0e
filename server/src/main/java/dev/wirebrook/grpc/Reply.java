package dev.wirebrook.grpc;

/**
 * What the client of an {@link AnsweredStream} is told of the answers. Confined to the stream's
 * event loop.
 */
public interface Reply {
    /** Whether answers are taken, so that further requests may be read. */
    boolean readsOn();

    /** The transport takes more. */
    void ready();

    /** Tells what was answered so far; the stream is about to be refused. */
    void flush();

    /** Tells the rest, and ends the call: all is answered, and no more will come. */
    void complete();
}
