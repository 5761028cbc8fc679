package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** The session becomes another role; looks are the login role's all the same. */
class RoleChangeTest {

  @Test
  void aRoleWithoutGrantsInAuditReadsUnderAutocommitAndIsRefusedWhereItsSnapshotMustBeRead()
      throws SQLException {
    try (CertifiedStore store = new CertifiedStore();
        Connection connection = store.connect("")) {
      store.admin(
          "DO $$BEGIN CREATE ROLE role_change; EXCEPTION WHEN duplicate_object THEN NULL; END$$;"
              + " GRANT USAGE ON SCHEMA ml TO role_change; GRANT SELECT ON ml.store_v TO role_change");
      for (String change : new String[] {"SET ROLE", "SET SESSION AUTHORIZATION"}) {
        run(connection, change + " role_change");
        assertThat(ids(connection, CertifiedStore.READ)).hasSize(3);
        connection.setAutoCommit(false);
        assertThatThrownBy(() -> ids(connection, CertifiedStore.READ))
            .hasMessageContaining("[RG301]");
        assertThat(ids(connection, "SELECT 1")).as("the transaction goes on").hasSize(1);
        connection.rollback();
        connection.setAutoCommit(true);
        run(connection, "RESET ROLE; RESET SESSION AUTHORIZATION");
      }
    }
  }
}
