package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Functions that are called like a column, and that the guard map has not heard of. */
class AttributeCallTest extends StoreTest {
  private static final String PEEK =
      "CREATE FUNCTION peek(ml.labels) RETURNS int LANGUAGE sql AS"
          + " 'SELECT id FROM ml.store_v LIMIT 1'";

  AttributeCallTest() throws SQLException {
    super("INSERT INTO ml.labels VALUES (1, 7)");
    assertThat(ids(connection, "SELECT l.label FROM ml.labels l")).containsExactly(7);
  }

  @Test
  void isFoundInATextThatWasPreparedInSql() throws SQLException {
    store.admin("SELECT pg_sleep(1.1)");
    store.admin(PEEK);
    store.status("FAILED");
    run(connection, "PREPARE q AS SELECT l.peek FROM ml.labels l");
    assertThatThrownBy(() -> ids(connection, "EXECUTE q")).hasMessageContaining("[RG101]");
    run(connection, "PREPARE known AS SELECT l.label FROM ml.labels l");
    assertThat(ids(connection, "EXECUTE known")).containsExactly(7);
  }

  @Test
  void isDoubtedWhereCodeOfTheSameTransactionMayHaveMadeIt() throws SQLException {
    connection.setAutoCommit(false);
    run(connection, "DO $$BEGIN EXECUTE '" + PEEK.replace("'", "''") + "'; END$$");
    store.status("FAILED");
    assertThatThrownBy(() -> ids(connection, "SELECT l.peek FROM ml.labels l"))
        .hasMessageContaining("[RG101]");
    assertThat(ids(connection, "SELECT l.label FROM ml.labels l")).containsExactly(7);
    assertThatThrownBy(() -> ids(connection, "SELECT l.peek FROM ml.labels l"))
        .hasMessageContaining("[RG101]");
    connection.rollback();
    assertThatThrownBy(() -> ids(connection, "SELECT l.peek FROM ml.labels l"))
        .hasMessageContaining("does not exist");
  }
}
