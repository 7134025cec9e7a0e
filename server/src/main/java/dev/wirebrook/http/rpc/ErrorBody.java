package dev.wirebrook.http.rpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.http.Answer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A status as JSON.
 *
 * @param details as they stand in the trailers
 */
record ErrorBody(Status.Code code, String message, List<Any> details) {
    private static final int CONTENT_TOO_LARGE = 413;

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer()
                    .usingTypeRegistry(
                            JsonFormat.TypeRegistry.newBuilder()
                                    .add(ErrorDetailsProto.getDescriptor().getMessageTypes())
                                    .build());

    static ErrorBody of(Status status, Metadata trailers) {
        com.google.rpc.Status rich = trailers.get(FailureStatus.DETAILS);
        String description = status.getDescription();
        return new ErrorBody(
                status.getCode(),
                description == null ? "" : description,
                rich == null ? List.of() : rich.getDetailsList());
    }

    /** {@code google.rpc.Status}, in the mapping of proto3. */
    JsonObject rpcStatus() {
        JsonObject body = new JsonObject();
        body.addProperty("code", code.value());
        body.addProperty("message", message);
        JsonArray all = new JsonArray();
        details.forEach(detail -> all.add(json(detail)));
        body.add("details", all);
        return body;
    }

    /** An error of the Connect protocol. */
    JsonObject connect() {
        JsonObject body = new JsonObject();
        body.addProperty("code", HttpCode.connectName(code));
        body.addProperty("message", message);
        JsonArray all = new JsonArray();
        for (Any detail : details) {
            JsonObject one = new JsonObject();
            String url = detail.getTypeUrl();
            one.addProperty("type", url.substring(url.lastIndexOf('/') + 1));
            one.addProperty(
                    "value",
                    Base64.getEncoder()
                            .withoutPadding()
                            .encodeToString(detail.getValue().toByteArray()));
            one.add("debug", json(detail));
            all.add(one);
        }
        body.add("details", all);
        return body;
    }

    /** As an answer of its own, with what headers say of it. */
    Answer answer(JsonObject body) {
        Map<String, String> headers = new HashMap<>();
        retryAfterSeconds()
                .ifPresent(seconds -> headers.put("retry-after", Long.toString(seconds)));
        if (code == Status.Code.UNAUTHENTICATED) {
            headers.put("www-authenticate", "Bearer");
        }
        int status = isTooLarge() ? CONTENT_TOO_LARGE : HttpCode.of(code);
        return new Answer(status, "application/json", utf8(body), headers);
    }

    /** Whether the same request can never pass, unlike others that are RESOURCE_EXHAUSTED. */
    private boolean isTooLarge() {
        for (Any detail : details) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    return detail.unpack(ErrorInfo.class).getReason().equals("TOO_LARGE");
                } catch (InvalidProtocolBufferException e) {
                    return false;
                }
            }
        }
        return false;
    }

    /** In how many whole seconds the same request may pass, where that is known. */
    private Optional<Long> retryAfterSeconds() {
        for (Any detail : details) {
            if (detail.is(RetryInfo.class)) {
                try {
                    long millis =
                            Durations.toMillis(detail.unpack(RetryInfo.class).getRetryDelay());
                    return Optional.of(Math.max(1, (millis + 999) / 1_000));
                } catch (InvalidProtocolBufferException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static JsonObject json(Any detail) {
        try {
            return JsonParser.parseString(PRINTER.print(detail)).getAsJsonObject();
        } catch (InvalidProtocolBufferException unknown) {
            JsonObject bytes = new JsonObject();
            bytes.addProperty("@type", detail.getTypeUrl());
            bytes.addProperty(
                    "value", Base64.getEncoder().encodeToString(detail.getValue().toByteArray()));
            return bytes;
        }
    }

    static byte[] utf8(JsonObject json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
