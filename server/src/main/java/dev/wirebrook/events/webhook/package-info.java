/** Webhooks: deliveries of other services, verified and made into events. Knows no HTTP server. */
@NullMarked
package dev.wirebrook.events.webhook;

import org.jspecify.annotations.NullMarked;
