package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A text that was prepared means what the setting of the moment makes of its backslashes. */
@Tag("postgres14")
class StringSettingTest extends StoreTest {
  /** One literal, or one and a query behind it. */
  private static final String TEXT = "SELECT 'x\\'' || (SELECT count(*)::text FROM ml.store_v) --'";

  StringSettingTest() throws SQLException {}

  private void conformingStrings(String setting) throws SQLException {
    run(connection, "SET standard_conforming_strings = " + setting);
  }

  @Test
  void aStatementIsReadAsTheServerWillReadIt() throws SQLException {
    store.status("FAILED");
    try (PreparedStatement prepared = connection.prepareStatement(TEXT)) {
      prepared.execute();
      conformingStrings("off");
      assertThatThrownBy(prepared::execute).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void aTextOfABatchMayChangeTheSettingForTheNext() throws SQLException {
    String copy = TEXT.replace("SELECT 'x", "CREATE TABLE ml.copy AS SELECT 'x");
    store.status("FAILED");
    try (Statement batch = connection.createStatement()) {
      batch.addBatch("SET standard_conforming_strings = off");
      batch.addBatch(copy);
      assertThatThrownBy(batch::executeBatch).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void aStatementThatTheServerHasPreparedKeepsItsReading() throws SQLException {
    conformingStrings("off");
    try (PreparedStatement prepared = connection.prepareStatement(TEXT)) {
      for (int i = 0; i < 6; i++) {
        prepared.execute();
      }
      conformingStrings("on");
      store.status("FAILED");
      assertThatThrownBy(prepared::execute).hasMessageContaining("[RG101]");
    }
    assertThatThrownBy(() -> connection.prepareStatement(TEXT).execute())
        .hasMessageContaining("[RG101]");
    run(connection, "SELECT 'a\\b'");
  }
}
