package dev.wirebrook.bench.market;

import java.net.InetSocketAddress;

/** Reads {@code HOST:PORT}. */
final class Addresses {
    private Addresses() {}

    static InetSocketAddress of(String address) {
        int colon = address.lastIndexOf(':');
        return new InetSocketAddress(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }
}
