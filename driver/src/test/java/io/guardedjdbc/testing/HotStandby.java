package io.guardedjdbc.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/** Makes hot standbys of running servers: a base backup in the server's own backup mode. */
public final class HotStandby {
  private HotStandby() {}

  /**
   * Starts a standby that streams from {@code primary}; the caller closes it. What was committed
   * with {@code synchronous_commit} off may never get there.
   *
   * @param folder where its data goes; not there yet
   */
  public static EmbeddedPostgres of(EmbeddedPostgres primary, int major, Path folder)
      throws IOException, SQLException {
    boolean renamed = major >= 15;
    try (Connection connection = primary.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      Path from = Path.of(ask(statement, "SHOW data_directory"));
      ask(
          statement,
          renamed
              ? "SELECT pg_backup_start('standby', true)"
              : "SELECT pg_start_backup('standby', true, false)");
      copyTree(from, folder);
      String stop = renamed ? "pg_backup_stop(false)" : "pg_stop_backup(false, false)";
      Files.writeString(
          folder.resolve("backup_label"), ask(statement, "SELECT labelfile FROM " + stop));
    }
    Files.createFile(folder.resolve("standby.signal"));
    Files.writeString(
        folder.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=localhost user=postgres port=" + primary.getPort() + "'\n",
        StandardOpenOption.APPEND);
    Files.deleteIfExists(folder.resolve("postmaster.pid"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    return Postgres.own(major, folder);
  }

  private static String ask(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(from)) {
      all = walk.toList();
    }
    for (Path path : all) {
      try {
        Files.copy(path, to.resolve(from.relativize(path)));
      } catch (NoSuchFileException e) {
        if (Files.exists(path)) {
          throw e; // Else the server has deleted it since: it goes on working while it is copied.
        }
      }
    }
  }
}
