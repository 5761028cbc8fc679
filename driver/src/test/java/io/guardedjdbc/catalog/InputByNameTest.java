package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Functions of PostgreSQL 16 and later that are given a type by its name. */
class InputByNameTest {
  @Test
  void aStoredTreeThatCallsThemMayMeanAnyType() throws SQLException {
    try (TestDatabase database =
        new TestDatabase(
            TestDatabase.RUNBOOK,
            TestDatabase.STORE,
            """
            create view ml.valid_v as select pg_input_is_valid('1', 'ml.checked') v;
            create function ml.error(t text) returns text return (select message
              from pg_input_error_info(t, 'ml.checked'));
            """)) {
      for (String sql : new String[] {"table ml.valid_v", "select ml.error('1')"}) {
        assertThat(database.touched(sql).guarded()).as(sql).isFalse();
      }
      database.execute(
          """
          create function ml.by_text() returns bigint stable language sql
            as 'select count(*) from ml.store';
          create domain ml.checked as int check (value < ml.by_text());
          """);
      for (String sql : new String[] {"table ml.valid_v", "select ml.error('1')"}) {
        assertThat(database.touched(sql).entrypoints()).as(sql).containsExactly("ml.store");
      }
    }
  }
}
