package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.List;

/**
 * A certificate that somebody else gave, of an entrypoint whose closure holds something that a run
 * changes. No store speaks for it, so nobody here knows its gates: the run takes it away.
 *
 * @param objects what its closure holds
 */
public record VoidedCertificate(String entrypoint, List<String> objects) {
  /** Copies the list. */
  public VoidedCertificate {
    objects = List.copyOf(objects);
  }

  /** Those that a run of the store voids, as things stand, by name. */
  public static List<VoidedCertificate> of(Session session, String store) throws SQLException {
    return session.list(
        "SELECT entrypoint, objects FROM audit.touched_certificates(?) ORDER BY entrypoint",
        row -> new VoidedCertificate(row.getString(1), Session.texts(row.getArray("objects"))),
        store);
  }
}
