package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.Micros;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A filter as a WHERE clause. Letters parked at {@code parkedAfter} match, those parked at {@code
 * parkedBefore} do not. Immutable.
 */
record LetterQuery(List<String> conditions, List<Object> parameters) {
    LetterQuery {
        conditions = List.copyOf(conditions);
        parameters = List.copyOf(parameters);
    }

    static LetterQuery of(DeadLetterFilter filter) {
        LetterQuery query = new LetterQuery(List.of(), List.of());
        if (!filter.letterIds().isEmpty()) {
            query = query.and(in("letter_id"), array(filter.letterIds()));
        }
        if (!filter.types().isEmpty()) {
            query = query.and(in("type"), array(filter.types()));
        }
        if (!filter.clientId().isEmpty()) {
            query = query.and("client_id = ?", filter.clientId());
        }
        if (!filter.route().isEmpty()) {
            query = query.and("route = ?", filter.route());
        }
        if (filter.stage() != null) {
            query = query.and("stage = ?", filter.stage().name());
        }
        if (!filter.reasonPart().isEmpty()) {
            query = query.and("instr(reason, ?) > 0", filter.reasonPart());
        }
        if (filter.parkedAfter() != null) {
            query = query.and("parked_time >= ?", Micros.of(filter.parkedAfter()));
        }
        if (filter.parkedBefore() != null) {
            query = query.and("parked_time < ?", Micros.of(filter.parkedBefore()));
        }
        if (filter.state() != null) {
            query = query.and("state = ?", filter.state().name());
        }
        return query;
    }

    /** A list goes in as one JSON parameter, for SQLite bounds the number of parameters. */
    private static String in(String column) {
        return column + " IN (SELECT value FROM json_each(?))";
    }

    private static String array(List<?> values) {
        return values.stream()
                .map(value -> value instanceof Long ? value.toString() : quoted(value.toString()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    LetterQuery and(String condition, Object parameter) {
        List<String> moreConditions = new ArrayList<>(conditions);
        moreConditions.add(condition);
        List<Object> moreParameters = new ArrayList<>(parameters);
        moreParameters.add(parameter);
        return new LetterQuery(moreConditions, moreParameters);
    }

    /** Empty, or a clause that begins with a space. */
    String sql() {
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    PreparedStatement prepare(Connection connection, String statement) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(statement);
        for (int i = 0; i < parameters.size(); i++) {
            prepared.setObject(i + 1, parameters.get(i));
        }
        return prepared;
    }
}
