package dev.wirebrook.admin;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.wirebrook.api.admin.v1.QueryColumn;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.PacedStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers a query's rows into responses of a bounded size. Confined to the query's thread. */
final class QueryResponses implements Warehouse.QueryObserver {
    private static final int RESPONSE_ROWS = 500;
    private static final int RESPONSE_BYTES = 256 * 1_024;

    private static final int NESTING_MAX = 30;

    private final PacedStream<QueryResponse> stream;
    private QueryResponse.Builder response = QueryResponse.newBuilder();
    private int bytes;

    QueryResponses(PacedStream<QueryResponse> stream) {
        this.stream = stream;
    }

    @Override
    public void columns(List<Warehouse.Column> columns) {
        columns.forEach(column ->
                response.addColumns(
                        QueryColumn.newBuilder().setName(column.name()).setType(column.type())));
    }

    @Override
    public boolean row(List<@Nullable Object> values) {
        ListValue.Builder row = ListValue.newBuilder();
        values.forEach(value -> row.addValues(value(value, 0)));
        ListValue built = row.build();
        response.addRows(built);
        bytes += built.getSerializedSize();
        return (response.getRowsCount() < RESPONSE_ROWS && bytes < RESPONSE_BYTES) || send();
    }

    void finish(boolean truncated) {
        response.setTruncated(truncated);
        send();
    }

    private boolean send() {
        QueryResponse full = response.build();
        response = QueryResponse.newBuilder();
        bytes = 0;
        try {
            return stream.send(full);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A {@code Value} has no number that JSON does not have. */
    private static Value number(double number) {
        return Double.isFinite(number)
                ? Value.newBuilder().setNumberValue(number).build()
                : Value.newBuilder().setStringValue(Double.toString(number)).build();
    }

    /** Readers of protobuf take messages in each other up to a depth of 100. */
    private static void refuseNesting(int depth) {
        if (depth == NESTING_MAX) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "sql",
                            "the result nests lists or structs deeper than %d levels; unnest them,"
                                            .formatted(NESTING_MAX)
                                    + " or cast the column to VARCHAR"));
        }
    }

    private static Value value(@Nullable Object value, int depth) {
        return switch (value) {
            case null -> Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
            case Boolean bool -> Value.newBuilder().setBoolValue(bool).build();
            case Long number -> number(number);
            case Double number -> number(number);
            case List<?> list -> {
                refuseNesting(depth);
                ListValue.Builder values = ListValue.newBuilder();
                list.forEach(each -> values.addValues(value(each, depth + 1)));
                yield Value.newBuilder().setListValue(values).build();
            }
            case Map<?, ?> map -> {
                refuseNesting(depth);
                Struct.Builder struct = Struct.newBuilder();
                map.forEach((key, each) ->
                        struct.putFields(String.valueOf(key), value(each, depth + 1)));
                yield Value.newBuilder().setStructValue(struct).build();
            }
            default -> Value.newBuilder().setStringValue(value.toString()).build();
        };
    }
}
