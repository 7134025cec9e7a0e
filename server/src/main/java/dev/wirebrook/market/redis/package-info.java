/**
 * Redis as the place where several nodes share one row of sequences: latest values, epoch, and the
 * channel by which every node's book gets every update.
 *
 * <p>Start reading at {@link dev.wirebrook.market.redis.RedisMarket}. What happens in Redis is in
 * the two scripts {@code open.lua} and {@code publish.lua}; a {@link
 * dev.wirebrook.market.redis.RedisLink} is what a node has for as long as its connections hold, an
 * {@link dev.wirebrook.market.redis.Outbox} keeps what it publishes until the answer is there, a
 * {@link dev.wirebrook.market.redis.ChannelReader} follows the channel.
 */
@NullMarked
package dev.wirebrook.market.redis;

import org.jspecify.annotations.NullMarked;
