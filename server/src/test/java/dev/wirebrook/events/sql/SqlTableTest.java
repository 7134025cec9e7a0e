package dev.wirebrook.events.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlTableTest {
    @Test
    void a_name_that_an_engine_takes_stays() {
        assertThat(SqlTable.fit("a".repeat(63))).isEqualTo("a".repeat(63));
    }

    @Test
    void longer_names_are_cut_off_and_do_not_meet() {
        String one = SqlTable.fit("a".repeat(63) + "b");
        assertThat(one).hasSize(63).startsWith("a".repeat(54) + "_");
        assertThat(SqlTable.fit("a".repeat(63) + "c")).hasSize(63).isNotEqualTo(one);
        assertThat(SqlTable.fit("a".repeat(63) + "b")).isEqualTo(one);
    }

    @Test
    void a_type_cannot_have_the_name_of_a_table_of_ours() {
        assertThat(SqlTable.nameOf("wirebrook_columns")).isEqualTo("event_wirebrook_columns");
    }

    @Test
    void a_quoted_name_ends_where_it_ends() {
        assertThat(SqlTable.quote("a\"b")).isEqualTo("\"a\"\"b\"");
    }
}
