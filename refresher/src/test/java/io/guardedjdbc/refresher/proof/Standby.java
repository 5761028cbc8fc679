package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;

/** A primary with the proof's stores, and a hot standby of it that can be made to lag behind. */
final class Standby implements AutoCloseable {
  private final EmbeddedPostgres primary;
  private final EmbeddedPostgres standby;

  private Standby(EmbeddedPostgres primary, EmbeddedPostgres standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /** On two servers of their own. */
  static Standby built(int major, Path folder) throws IOException, SQLException {
    EmbeddedPostgres primary = Postgres.own(major);
    ProofStore store = new ProofStore(url(primary, "postgres"));
    // The fixture's servers write late; what is not written yet reaches no standby.
    store.sql("ALTER ROLE postgres SET synchronous_commit = on");
    ProofStore.in(store.url());
    try (Connection connection = store.connect()) {
      Path from = Path.of(ask(connection, "SHOW data_directory"));
      boolean old = major < 15;
      ask(
          connection,
          old
              ? "SELECT pg_start_backup('standby', true, false)"
              : "SELECT pg_backup_start('standby', true)");
      copyTree(from, folder);
      Files.writeString(
          folder.resolve("backup_label"),
          ask(
              connection,
              "SELECT labelfile FROM pg_"
                  + (old ? "stop_backup(false, false)" : "backup_stop(false)")));
    }
    store.sql("SELECT proof.next_input(true)");
    Files.createFile(folder.resolve("standby.signal"));
    Files.writeString(
        folder.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=localhost user=postgres port=" + primary.getPort() + "'\n",
        StandardOpenOption.APPEND);
    Files.deleteIfExists(folder.resolve("postmaster.pid"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    EmbeddedPostgres standby = Postgres.own(major, folder);
    return new Standby(primary, standby);
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    return Shop.ask(connection, sql);
  }

  private static String url(EmbeddedPostgres server, String database) {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database + "?user=postgres";
  }

  ProofStore onPrimary() {
    return new ProofStore(url(primary, "postgres"));
  }

  ProofStore onStandby() {
    return new ProofStore(url(standby, "postgres"));
  }

  /** What the primary commits from here on is shown by the standby in one burst, later. */
  void lags(boolean behind) throws SQLException {
    onStandby().sql("SELECT pg_wal_replay_" + (behind ? "pause" : "resume") + "()");
  }

  @Override
  public void close() throws IOException {
    standby.close();
    primary.close();
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.copy(file, to.resolve(from.relativize(file)));
            } catch (NoSuchFileException e) {
              return FileVisitResult.CONTINUE; // A server goes on deleting while it is copied.
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
