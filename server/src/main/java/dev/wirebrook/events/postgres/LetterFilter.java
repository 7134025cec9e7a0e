package dev.wirebrook.events.postgres;

import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.Micros;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A filter as a WHERE clause. Letters parked at {@code parkedAfter} match, those parked at {@code
 * parkedBefore} do not. Immutable.
 */
record LetterFilter(List<String> conditions, List<Object> parameters) {
    LetterFilter {
        conditions = List.copyOf(conditions);
        parameters = List.copyOf(parameters);
    }

    static LetterFilter of(DeadLetterFilter filter) {
        LetterFilter where = new LetterFilter(List.of(), List.of());
        if (!filter.letterIds().isEmpty()) {
            where = where.and("letter_id = ANY (?)", filter.letterIds().toArray(Long[]::new));
        }
        if (!filter.types().isEmpty()) {
            where =
                    where.and(
                            "type = ANY (?)",
                            filter.types().stream().map(LetterFilter::text).toArray(String[]::new));
        }
        if (!filter.clientId().isEmpty()) {
            where = where.and("client_id = ?", text(filter.clientId()));
        }
        if (!filter.route().isEmpty()) {
            where = where.and("route = ?", text(filter.route()));
        }
        if (filter.stage() != null) {
            where = where.and("stage = ?", filter.stage().name());
        }
        if (!filter.reasonPart().isEmpty()) {
            where = where.and("position(? IN reason) > 0", text(filter.reasonPart()));
        }
        if (filter.parkedAfter() != null) {
            where = where.and("parked_time >= ?", Micros.of(filter.parkedAfter()));
        }
        if (filter.parkedBefore() != null) {
            where = where.and("parked_time < ?", Micros.of(filter.parkedBefore()));
        }
        if (filter.state() != null) {
            where = where.and("state = ?", filter.state().name());
        }
        return where;
    }

    /**
     * Text as PostgreSQL can store it: U+0000, which it cannot, becomes the visible U+2400. The
     * event itself is kept as bytes.
     */
    static String text(String text) {
        return text.replace('\0', '\u2400');
    }

    LetterFilter and(String condition, Object parameter) {
        List<String> moreConditions = new ArrayList<>(conditions);
        moreConditions.add(condition);
        List<Object> moreParameters = new ArrayList<>(parameters);
        moreParameters.add(parameter);
        return new LetterFilter(moreConditions, moreParameters);
    }

    /** Empty, or a clause that begins with a space. */
    String sql() {
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    PreparedStatement prepare(Connection connection, String statement) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(statement);
        for (int i = 0; i < parameters.size(); i++) {
            switch (parameters.get(i)) {
                case Long[] values ->
                        prepared.setArray(i + 1, connection.createArrayOf("bigint", values));
                case String[] values ->
                        prepared.setArray(i + 1, connection.createArrayOf("text", values));
                case Object value -> prepared.setObject(i + 1, value);
            }
        }
        return prepared;
    }
}
