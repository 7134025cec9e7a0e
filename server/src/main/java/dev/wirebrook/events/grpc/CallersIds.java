package dev.wirebrook.events.grpc;

import dev.wirebrook.events.ClientIds;
import dev.wirebrook.grpc.Caller;

/** The client ids of who calls. */
final class CallersIds {
    private CallersIds() {}

    /** Of the caller whose handler runs this code. */
    static ClientIds current() {
        return ClientIds.ofTenant(Caller.current().principal().tenant());
    }
}
