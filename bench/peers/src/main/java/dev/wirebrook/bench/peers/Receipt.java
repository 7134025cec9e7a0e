package dev.wirebrook.bench.peers;

/** What an engine says of messages. Any thread may call it. */
interface Receipt {
    /** One message is acknowledged. */
    void acknowledged();

    /** A message is not acknowledged: the run is over. */
    void failed(Throwable reason);
}
