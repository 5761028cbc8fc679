package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A query that is fetched bit by bit may run other code at its end than at its beginning: in a
 * snapshot that no certificate was looked at for.
 */
@Tag("postgres14")
class DefinedAnewTest extends StoreTest {
  private static final String QUERY = "SELECT ml.fresh(i) FROM generate_series(1, 40) i";
  private static final String HARMLESS = "i";
  private static final String COUNTS = "(SELECT count(*)::int FROM ml.store_v)";

  DefinedAnewTest() throws SQLException {
    connection.setAutoCommit(false);
  }

  private static String fresh(String volatility, String what) {
    return "CREATE OR REPLACE FUNCTION ml.fresh(i int) RETURNS int LANGUAGE plpgsql "
        + volatility
        + " AS $$BEGIN RETURN "
        + what
        + "; END$$";
  }

  private void definedElsewhere(String definition) throws SQLException {
    try (Connection other = connect()) {
      run(other, definition);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"VOLATILE", "STABLE"})
  void refusesFurtherRowsOfAStream(String volatility) throws SQLException {
    definedElsewhere(fresh(volatility, HARMLESS));
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery(QUERY);
      store.status("FAILED");
      read(rows, 10);
      definedElsewhere(fresh(volatility, COUNTS));
      store.status("CERTIFIED");
      assertThatThrownBy(rows::next).hasMessageContaining("[RG203]");
    }
  }

  @Test
  void refusesThemWhereTheSessionItselfHasDefinedIt() throws SQLException {
    definedElsewhere(fresh("VOLATILE", HARMLESS));
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery(QUERY);
      read(rows, 5);
      run(connection, fresh("VOLATILE", COUNTS));
      read(rows, 5);
      assertThatThrownBy(rows::next).hasMessageContaining("[RG203]");
    }
  }

  @Test
  void refusesBothWhereAStableFunctionBecomesVolatile() throws SQLException {
    String stable =
        "CREATE OR REPLACE FUNCTION ml.fresh(i int) RETURNS int LANGUAGE sql STABLE AS $$SELECT "
            + COUNTS
            + "$$";
    definedElsewhere(stable);
    run(connection, "DECLARE k CURSOR FOR " + QUERY);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10);
      ResultSet rows = statement.executeQuery(QUERY);
      read(rows, 10);
      definedElsewhere(stable.replace("STABLE", "VOLATILE"));
      assertThatThrownBy(rows::next).hasMessageContaining("[RG203]");
    }
    assertThatThrownBy(() -> ids(connection, "FETCH 1 FROM k")).hasMessageContaining("[RG203]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"VOLATILE", "STABLE"})
  void refusesFurtherRowsOfACursor(String volatility) throws SQLException {
    definedElsewhere(fresh(volatility, HARMLESS));
    run(connection, "DECLARE k CURSOR FOR " + QUERY);
    store.status("FAILED");
    assertThat(ids(connection, "FETCH 1 FROM k")).containsExactly(1);
    definedElsewhere(fresh(volatility, COUNTS));
    store.status("CERTIFIED");
    assertThatThrownBy(() -> ids(connection, "FETCH 1 FROM k")).hasMessageContaining("[RG203]");
  }

  @Test
  void whatIsReadInTheSnapshotOfTheReleaseStaysReleased() throws SQLException {
    definedElsewhere(
        "CREATE FUNCTION ml.counts() RETURNS bigint LANGUAGE sql STABLE"
            + " AS 'SELECT count(*) FROM ml.store_v'");
    String query = "SELECT ml.counts() + id - id FROM ml.store_v";
    run(connection, "DECLARE k CURSOR FOR " + query);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      ResultSet rows = statement.executeQuery(query);
      store.status("FAILED");
      definedElsewhere("CREATE VIEW ml.other_v AS SELECT 1 AS id");
      read(rows, 3);
      assertThat(rows.next()).isFalse();
    }
    assertThat(ids(connection, "FETCH ALL FROM k")).containsExactly(3, 3, 3);
  }

  private static void read(ResultSet rows, int count) throws SQLException {
    for (int i = 0; i < count; i++) {
      assertThat(rows.next()).isTrue();
    }
  }
}
