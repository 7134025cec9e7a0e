package dev.wirebrook.bench.peers;

/** An engine under load, in one mode. */
interface Peer {
    /** Connections that send at once. */
    int lanes();

    /** Messages that one lane may have without an acknowledgement. */
    int window();

    /** Makes an empty place for messages and opens a connection to it. */
    Lane open(int lane) throws Exception;

    void disconnect() throws Exception;
}
