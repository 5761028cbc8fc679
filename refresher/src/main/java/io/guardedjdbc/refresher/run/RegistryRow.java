package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The registry row of an entrypoint as the run found or wrote it. */
record RegistryRow(String status, @Nullable Long certificateId) {
  static final RegistryRow NONE = new RegistryRow("", null);

  static RegistryRow of(Session session, String entrypoint) throws SQLException {
    Optional<RegistryRow> row =
        session.first(
            "SELECT status, certificate_id FROM audit.t0_cert_registry WHERE entrypoint = ?",
            found -> new RegistryRow(found.getString(1), (Long) found.getObject(2)),
            entrypoint);
    return row.orElse(NONE);
  }

  boolean certified() {
    return status.equalsIgnoreCase("CERTIFIED");
  }

  /** A staged run began and has not come to its verdict. */
  boolean refreshing() {
    return status.equalsIgnoreCase("REFRESHING");
  }
}
