package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A function that was defined anew elsewhere may still run as it was in an open transaction. */
@Tag("postgres14")
class StaleFunctionTest extends StoreTest {
  private final Connection other = connect();

  StaleFunctionTest() throws SQLException {
    super(counting("(SELECT count(*) FROM ml.store_v)"));
  }

  @AfterEach
  void closeOther() throws SQLException {
    other.close();
  }

  private static String counting(String what) {
    return "CREATE OR REPLACE FUNCTION counting() RETURNS bigint STABLE LANGUAGE plpgsql AS"
        + " $$BEGIN RETURN "
        + what
        + "; END$$";
  }

  @ParameterizedTest
  @ValueSource(
      ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ})
  void countsAsWhatItWasUntilTheTransactionEnds(int isolation) throws SQLException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(isolation);
    assertThat(ids(connection, "SELECT counting()")).containsExactly(3);
    run(other, counting("0"));
    store.status("FAILED");
    assertThatThrownBy(() -> ids(connection, "SELECT counting()")).hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> ids(connection, "SELECT counting()")).hasMessageContaining("[RG101]");
    assertThat(ids(connection, "SELECT 1 FROM ml.labels")).isEmpty();
    connection.rollback();
    assertThat(ids(connection, "SELECT counting()")).containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEGIN", "SET TRANSACTION READ ONLY"})
  void evenWhereTheTransactionBeganWithWhatTouchesNothing(String first) throws SQLException {
    assertThat(ids(connection, "SELECT counting()")).containsExactly(3);
    connection.setAutoCommit(first.equals("BEGIN"));
    run(connection, first);
    run(other, counting("0"));
    store.status("FAILED");
    assertThatThrownBy(() -> ids(connection, "SELECT counting() + 0"))
        .hasMessageContaining("[RG101]");
    run(connection, "ROLLBACK");
    assertThat(ids(connection, "SELECT counting()")).containsExactly(0);
  }
}
