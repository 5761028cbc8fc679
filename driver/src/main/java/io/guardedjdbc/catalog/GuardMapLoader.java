package io.guardedjdbc.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the guard map from a server: one small query finds out how entrypoints and policies can be
 * read by this role, one reads them together with the catalog, in one snapshot. Blocks on I/O.
 */
final class GuardMapLoader {
  private GuardMapLoader() {}

  /**
   * Reads the map.
   *
   * @param connection plain (not guarded), in autocommit; nothing on it is changed
   * @param version of the map; bigger than that of any map read before
   */
  static GuardMapLoad load(Connection connection, GuardMapOptions options, long version)
      throws SQLException {
    MapSource.Finding finding = SourceQuery.run(connection, options);
    GuardMapLoad.@Nullable Unreadable problem = finding.problem();
    MapSource source = finding.source();
    if (problem != null || source == null) {
      return Objects.requireNonNull(problem);
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(MapQuery.sql(source))) {
      CatalogRows.Read read = CatalogRows.read(rows, options, source);
      return new GuardMapLoad.Loaded(
          GuardMapBuilder.build(read.graph(), options, version, read.digest(), source),
          read.graph().registered(),
          read.changes());
    }
  }
}
