package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.List;

/** A transport that takes everything, and keeps the very arrays that it was given. */
final class SentBytes implements Outlet {
    final List<byte[]> sent = new ArrayList<>();

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void send(byte[] message) {
        sent.add(message);
    }

    @Override
    public void complete() {}

    @Override
    public void fail(Failure failure) {}
}
