package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The columns and parameters of a statement that has not run are judged like its rows. */
@Tag("postgres14")
class DescriptionTest extends StoreTest {
  DescriptionTest() throws SQLException {
    super(
        """
        CREATE FUNCTION ml.few(i int) RETURNS boolean LANGUAGE plpgsql AS $$
          BEGIN RAISE EXCEPTION '% rows', (SELECT count(*) FROM ml.store_v); END $$;
        CREATE DOMAIN ml.few AS int CHECK (ml.few(VALUE));
        CREATE TABLE ml.one (few ml.few)
        """);
  }

  @Test
  void comesWhileTheStoreIsCertifiedAndBeginsNoTransaction() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement read = connection.prepareStatement(READ)) {
      assertThat(read.getMetaData().getColumnName(1)).isEqualTo("id");
      assertThat(read.getParameterMetaData().getParameterCount()).isZero();
      assertThat(connection.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=1");
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      assertThat(ids(connection, READ)).hasSize(3);
      assertThat(read.getMetaData().getColumnCount()).isEqualTo(1);
    }
  }

  @Test
  void isRefusedWhileItIsNot() throws SQLException {
    try (PreparedStatement read = connection.prepareStatement(READ);
        PreparedStatement other = connection.prepareStatement("SELECT ?::int AS n")) {
      store.status("FAILED");
      assertThatThrownBy(read::getMetaData).hasMessageContaining("[RG101]");
      assertThatThrownBy(read::getParameterMetaData).hasMessageContaining("[RG101]");
      assertThat(other.getMetaData().getColumnName(1)).isEqualTo("n");
      assertThat(other.getParameterMetaData().getParameterCount()).isEqualTo(1);
    }
  }

  @Test
  void ofRowsThatWereReleasedComesWithThem() throws SQLException {
    try (PreparedStatement read = connection.prepareStatement(READ)) {
      ResultSet rows = read.executeQuery();
      store.status("FAILED");
      assertThat(read.getMetaData().getColumnCount()).isEqualTo(1);
      assertThat(read.getResultSet()).isSameAs(rows);
      assertThat(rows.next()).isTrue();
      rows.close();
      assertThatThrownBy(read::getMetaData).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void anErrorOfItIsHeldBack() throws SQLException {
    try (PreparedStatement row = connection.prepareStatement("SELECT '(5)'::ml.one")) {
      assertThatThrownBy(row::getMetaData).hasMessageContaining("3 rows");
      store.status("FAILED");
      assertThatThrownBy(row::getMetaData).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void isRefusedWherePgjdbcWouldRunTheStatementForIt() throws SQLException {
    try (Connection simple = store.connect("&preferQueryMode=simple");
        PreparedStatement read = simple.prepareStatement(READ)) {
      assertThatThrownBy(read::getMetaData).hasMessageContaining("[RG203]");
      assertThat(read.executeQuery().getMetaData().getColumnCount()).isEqualTo(1);
      assertThat(read.getMetaData().getColumnCount()).isEqualTo(1);
    }
  }

  @Test
  void isWarnedOfUnderObservation() throws SQLException {
    store.status("FAILED");
    try (Connection observed = store.connect("&guard.mode=observe");
        PreparedStatement read = observed.prepareStatement(READ)) {
      assertThat(read.getMetaData().getColumnCount()).isEqualTo(1);
      assertThat(read.getWarnings().getMessage()).contains("[RG101]");
      run(observed, "SELECT 1");
    }
  }
}
