/** The market service on gRPC: handlers translate, and know the market room only. */
@NullMarked
package dev.wirebrook.market.grpc;

import org.jspecify.annotations.NullMarked;
