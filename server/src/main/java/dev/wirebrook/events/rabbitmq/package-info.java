/** RabbitMQ as the way of events from intake to routes: a topic exchange, a durable queue each. */
@NullMarked
package dev.wirebrook.events.rabbitmq;

import org.jspecify.annotations.NullMarked;
