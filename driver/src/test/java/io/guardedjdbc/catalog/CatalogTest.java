package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/** Tests of one class share a database with one store, and the map that was read from it first. */
@Tag("postgres14")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CatalogTest {
  final TestDatabase database;
  final GuardMap map;

  /** With these objects besides the store. */
  CatalogTest(String setup) throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, TestDatabase.STORE, setup);
    map = database.map();
  }

  @AfterAll
  void close() throws SQLException {
    database.close();
  }

  Match touched(String sql) {
    return TestDatabase.touched(map, sql);
  }

  void assertReadsTheStore(String sql) {
    assertThat(touched(sql).entrypoints()).as(sql).containsExactly("ml.store");
  }

  void assertTouchesNothing(String sql) {
    assertThat(touched(sql)).as(sql).isEqualTo(Match.NOTHING);
  }

  void assertTouchesEverything(String sql) {
    Match match = touched(sql);
    assertThat(match.touchesEverything()).as(sql).isTrue();
    assertThat(match.entrypoints()).as(sql).isEqualTo(map.entrypoints());
  }
}
