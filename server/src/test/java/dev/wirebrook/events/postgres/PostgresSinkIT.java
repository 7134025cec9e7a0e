package dev.wirebrook.events.postgres;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.SearchEvent;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlSinkContract;
import dev.wirebrook.schema.EventCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresSinkIT extends SqlSinkContract {
    private static @Nullable TestPostgres server;

    private TestPostgres.@Nullable Schema schema;

    @BeforeAll
    static void start() {
        server = new TestPostgres();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void makeSchema() {
        schema = requireNonNull(server).schema();
    }

    @Override
    protected boolean holdsNul() {
        return false;
    }

    @Override
    protected SqlEngine engineOf() {
        return new PostgresEngine(
                requireNonNull(schema).settings(), Thread.ofPlatform().daemon().factory());
    }

    @Override
    protected Connection connect() throws SQLException {
        return requireNonNull(schema).connect();
    }

    private SinkResult write(Event event) {
        return write(1, event);
    }

    private SinkResult write(long position, Event event) {
        try (Engine engine = open(EventCatalog.standard())) {
            return engine.sink("r")
                    .write(
                            TestBatches.of(EventCatalog.standard(), "r")
                                    .from(new Cursor(position, 0))
                                    .request(position, Events.newBuilder().addEvents(event).build())
                                    .freeze());
        }
    }

    @Test
    void refuses_for_good_a_text_with_the_character_that_it_cannot_hold() {
        SearchEvent.Builder search = SearchEvent.newBuilder();
        assertThat(write(Event.newBuilder().setCurrentURL("a\0b").setSearchEvent(search).build()))
                .isEqualTo(
                        new SinkResult.Permanent(
                                "current_url of search_event holds the character U+0000, which"
                                        + " PostgreSQL cannot store"));
        search.addAppliedFilters("a\0b");
        assertThat(write(Event.newBuilder().setSearchEvent(search).build()))
                .isEqualTo(
                        new SinkResult.Permanent(
                                "applied_filters of search_event holds the character U+0000,"
                                        + " which PostgreSQL cannot store"));
    }

    @Test
    void takes_a_text_that_only_looks_like_the_escape_of_that_character() {
        SearchEvent.Builder search = SearchEvent.newBuilder().addAppliedFilters("a\\u0000b");
        assertThat(write(Event.newBuilder().setSearchEvent(search).build()))
                .isEqualTo(new SinkResult.Stored());
        assertThat(requireNonNull(schema).column("SELECT applied_filters->>0 FROM search_event"))
                .containsExactly("a\\u0000b");
    }

    @Test
    void a_constraint_of_the_users_own_refuses_a_row_for_good() {
        Event event = Event.newBuilder().setSearchEvent(SearchEvent.getDefaultInstance()).build();
        assertThat(write(event)).isEqualTo(new SinkResult.Stored());
        requireNonNull(schema)
                .execute(
                        "ALTER TABLE search_event ADD CONSTRAINT known CHECK (current_url <> 'x')");
        assertThat(write(2, event.toBuilder().setCurrentURL("x").build()))
                .isInstanceOfSatisfying(
                        SinkResult.Permanent.class,
                        result -> assertThat(result.reason()).contains("\"known\""));
    }
}
