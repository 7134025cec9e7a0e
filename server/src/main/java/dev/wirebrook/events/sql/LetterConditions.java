package dev.wirebrook.events.sql;

import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.Micros;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A filter of dead letters as a WHERE clause. Letters parked at {@code parkedAfter} match, those
 * parked at {@code parkedBefore} do not. Immutable.
 */
public record LetterConditions(List<String> conditions, List<Object> parameters) {
    public LetterConditions {
        conditions = List.copyOf(conditions);
        parameters = List.copyOf(parameters);
    }

    /** Where engines differ. */
    public interface Dialect {
        /** A condition with one parameter, which is a {@link #list}. */
        String isIn(String column);

        /**
         * @param values numbers or texts
         */
        Object list(List<?> values);

        /** A condition with one parameter, which is a {@link #text}. */
        String contains(String column);

        /** Text as the engine stores it. */
        String text(String text);
    }

    public static LetterConditions of(DeadLetterFilter filter, Dialect dialect) {
        LetterConditions where = new LetterConditions(List.of(), List.of());
        if (!filter.letterIds().isEmpty()) {
            where = where.and(dialect.isIn("letter_id"), dialect.list(filter.letterIds()));
        }
        if (!filter.types().isEmpty()) {
            where = where.and(dialect.isIn("type"), dialect.list(filter.types()));
        }
        if (!filter.clientId().isEmpty()) {
            where = where.and("client_id = ?", dialect.text(filter.clientId()));
        }
        if (!filter.route().isEmpty()) {
            where = where.and("route = ?", dialect.text(filter.route()));
        }
        if (filter.stage() != null) {
            where = where.and("stage = ?", filter.stage().name());
        }
        if (!filter.reasonPart().isEmpty()) {
            where = where.and(dialect.contains("reason"), dialect.text(filter.reasonPart()));
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

    public LetterConditions and(String condition, Object parameter) {
        List<String> moreConditions = new ArrayList<>(conditions);
        moreConditions.add(condition);
        List<Object> moreParameters = new ArrayList<>(parameters);
        moreParameters.add(parameter);
        return new LetterConditions(moreConditions, moreParameters);
    }

    /** Empty, or a clause that begins with a space. */
    public String sql() {
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    public PreparedStatement prepare(Connection connection, String statement) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(statement);
        for (int i = 0; i < parameters.size(); i++) {
            prepared.setObject(i + 1, parameters.get(i));
        }
        return prepared;
    }
}
