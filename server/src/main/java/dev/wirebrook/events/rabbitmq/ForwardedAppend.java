package dev.wirebrook.events.rabbitmq;

import dev.wirebrook.events.EventLog.Append;

/** A batch that was in the broker before, on its way from one queue to others. */
interface ForwardedAppend extends Append {
    /** Whether its events may be stored already, by a node that ended before it said so. */
    boolean isInDoubt();
}
