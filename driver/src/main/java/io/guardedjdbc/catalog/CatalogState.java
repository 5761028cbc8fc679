package io.guardedjdbc.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The catalog at one moment, for telling whether a map is still current.
 *
 * @param changes what the seal's triggers have counted; null where the database is not sealed.
 *     Equal counts mean an equal catalog, but other counts no other one
 */
record CatalogState(CatalogDigest digest, @Nullable String changes) {
  /** Reads both: one query, one row, one snapshot. */
  static CatalogState read(Connection connection, MapSource source) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(CatalogDigest.sql(source))) {
      rows.next();
      return new CatalogState(new CatalogDigest(rows.getString(1)), rows.getString(2));
    }
  }

  /** Reads the counter alone, which costs next to nothing. */
  static @Nullable String readChanges(Connection connection, MapSource source) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT " + CatalogDigest.changes(source))) {
      rows.next();
      return rows.getString(1);
    }
  }
}
