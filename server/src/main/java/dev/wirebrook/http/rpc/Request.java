package dev.wirebrook.http.rpc;

import dev.wirebrook.grpc.ElementFaults;

/**
 * A request as the method takes it.
 *
 * @param message bytes of protobuf
 * @param faults of elements that could not be made of the body
 */
@SuppressWarnings("ArrayRecordComponent") // made, sent, forgotten
record Request(byte[] message, ElementFaults faults) {
    static Request of(byte[] message) {
        return new Request(message, ElementFaults.NONE);
    }
}
