package dev.wirebrook.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Resets a stream whose request lacks one of the pseudo-headers that every request has (RFC 9113,
 * 8.3.1): such a request is malformed, which is a stream error of the type PROTOCOL_ERROR. Confined
 * to the stream's event loop.
 */
final class PseudoHeaders extends ChannelInboundHandlerAdapter {
    private static final String CONNECT = "CONNECT";

    private boolean begun;
    private boolean malformed;

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        if (!begun && frame instanceof Http2HeadersFrame request) {
            begun = true;
            malformed = !isWhole(request.headers());
            if (malformed) {
                context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR))
                        .addListener(ChannelFutureListener.CLOSE);
            }
        }
        if (malformed) {
            ReferenceCountUtil.release(frame);
        } else {
            context.fireChannelRead(frame);
        }
    }

    private static boolean isWhole(Http2Headers headers) {
        CharSequence method = headers.method();
        if (isEmpty(method)) {
            return false;
        }
        return CONNECT.contentEquals(method)
                ? !isEmpty(headers.authority()) && headers.scheme() == null
                : !isEmpty(headers.scheme()) && !isEmpty(headers.path());
    }

    private static boolean isEmpty(@Nullable CharSequence value) {
        return value == null || value.isEmpty();
    }
}
