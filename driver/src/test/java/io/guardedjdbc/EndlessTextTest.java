package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A text that ends inside a literal, a name or a comment is the server's to refuse. */
@Tag("postgres14")
class EndlessTextTest {
  private static final String[] TEXTS = {
    "SELECT 'x FROM ml.store_v",
    "SELECT id FROM ml.store_v /* /* */",
    "SELECT \"id FROM ml.store_v",
    "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN",
    "SELECT id FROM ml.store_v WHERE id::text = E'\\'"
  };

  @Test
  void isASyntaxErrorEvenWhereAStoreIsClosed() throws SQLException {
    try (CertifiedStore store = new CertifiedStore();
        Connection connection = store.connect("")) {
      store.status("FAILED");
      for (String sql : TEXTS) {
        assertThatThrownBy(() -> CertifiedStore.run(connection, sql))
            .as(sql)
            .hasFieldOrPropertyWithValue("SQLState", "42601");
        assertThatThrownBy(
                () -> {
                  try (PreparedStatement prepared = connection.prepareStatement(sql)) {
                    prepared.execute();
                  }
                })
            .as(sql)
            .hasFieldOrPropertyWithValue("SQLState", "42601");
        assertThatThrownBy(() -> CertifiedStore.run(connection, "SELECT 1; " + sql))
            .as(sql)
            .hasFieldOrPropertyWithValue("SQLState", "RG203");
      }
    }
  }
}
