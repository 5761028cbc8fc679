package io.guardedjdbc.examples.figures;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

/** A server of its own that logs every wait for a lock above 10 ms. */
final class FigureServer implements AutoCloseable {
  private final EmbeddedPostgres server;

  FigureServer() throws IOException {
    server =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofMinutes(1))
            .setServerConfig("timezone", "UTC")
            .setServerConfig("max_wal_size", "4GB")
            .setServerConfig("shared_buffers", "256MB")
            .setServerConfig("log_lock_waits", "on")
            .setServerConfig("deadlock_timeout", "10ms")
            .setServerConfig("logging_collector", "on")
            .setServerConfig("log_directory", "figures_log")
            // One backend one core: what runs side by side is the refresher's doing.
            .setServerConfig("max_parallel_workers_per_gather", "0")
            .start();
  }

  String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres?user=postgres";
  }

  Connection connect(String name) throws SQLException {
    return Objects.requireNonNull(
        new org.postgresql.Driver().connect(url() + "&ApplicationName=" + name, new Properties()));
  }

  /** Waits for locks by connections of this name, as the server logged them. */
  long lockWaits(Connection connection, long pid) throws SQLException, IOException {
    Path logs = Path.of(text(connection, "SHOW data_directory"), "figures_log");
    try (Stream<Path> files = Files.list(logs)) {
      long count = 0;
      for (Path file : files.toList()) {
        count +=
            Files.readAllLines(file).stream()
                .filter(line -> line.contains("process " + pid + " still waiting for"))
                .count();
      }
      return count;
    }
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  /** How long it takes, in milliseconds. */
  static double millis(Timed work) throws Exception {
    long begin = System.nanoTime();
    work.run();
    return (System.nanoTime() - begin) / 1e6;
  }

  /** Work that is timed. */
  @FunctionalInterface
  interface Timed {
    void run() throws Exception;
  }

  static void runAll(Connection connection, List<String> statements) throws SQLException {
    for (String sql : statements) {
      run(connection, sql);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
