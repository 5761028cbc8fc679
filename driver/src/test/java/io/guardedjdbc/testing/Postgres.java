package io.guardedjdbc.testing;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarFile;
import org.postgresql.Driver;

/**
 * A real PostgreSQL server of one major version, started once a JVM and shared by its tests; each
 * test class takes a database of its own. Thread-safe.
 */
public final class Postgres {
  private static final int DEFAULT_MAJOR = 18;
  private static final Map<Integer, Postgres> SERVERS = new ConcurrentHashMap<>();
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final EmbeddedPostgres server;
  private final int major;

  private Postgres(int major) {
    this.major = major;
    try {
      this.server = builder(major).start();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL " + major + " did not start", e);
    }
  }

  /** The server of the major that this test run is for: system property {@code postgres.major}. */
  public static Postgres shared() {
    return shared(requestedMajor());
  }

  /** The major that this test run is for. */
  public static int requestedMajor() {
    return Integer.getInteger("postgres.major", DEFAULT_MAJOR);
  }

  /** The server of a given major: 18, or one whose binaries the build has copied. */
  public static Postgres shared(int major) {
    return SERVERS.computeIfAbsent(major, Postgres::new);
  }

  /** A server that no other test uses: to be stopped, started and broken; the caller closes it. */
  public static EmbeddedPostgres own(int major) throws IOException {
    return builder(major).start();
  }

  /** Such a server on a data directory that is there already, and stays. */
  public static EmbeddedPostgres own(int major, Path dataDirectory) throws IOException {
    return builder(major).setDataDirectory(dataDirectory).setCleanDataDirectory(false).start();
  }

  private static EmbeddedPostgres.Builder builder(int major) {
    return EmbeddedPostgres.builder()
        .setPGStartupWait(Duration.ofMinutes(1))
        .setPgBinaryResolver(
            major == DEFAULT_MAJOR ? DefaultPostgresBinaryResolver.INSTANCE : copied(major))
        .setServerConfig("fsync", "off")
        .setServerConfig("max_connections", "200")
        .setServerConfig("max_prepared_transactions", "10")
        .setServerConfig("max_wal_size", "2GB")
        .setServerConfig("timezone", "UTC");
  }

  private static PgBinaryResolver copied(int major) {
    Path jar =
        Path.of(
            Objects.requireNonNull(System.getProperty("postgres.second.binaries")),
            "postgres-" + major + ".jar");
    return (system, machine) -> {
      JarFile file = new JarFile(jar.toFile());
      InputStream archive =
          file.getInputStream(file.getJarEntry("postgres-linux-" + machine + ".txz"));
      return new FilterInputStream(archive) {
        @Override
        public void close() throws IOException {
          super.close();
          file.close();
        }
      };
    };
  }

  public int major() {
    return major;
  }

  public int port() {
    return server.getPort();
  }

  /** Creates an empty database and gives its name: {@code prefix} and a number. */
  public String createDatabase(String prefix) throws SQLException {
    return createDatabase(prefix, "template1");
  }

  /** Creates a database as a copy of {@code template}, which nobody may be connected to. */
  public String createDatabase(String prefix, String template) throws SQLException {
    String name = prefix + "_" + DATABASES.incrementAndGet();
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create database \"" + name + "\" template \"" + template + "\" encoding 'UTF8'");
    }
    return name;
  }

  /** The plain pgjdbc URL of a database, for user {@code postgres}. */
  public String url(String database) {
    return url("jdbc:postgresql:", database, "postgres");
  }

  /** The same database through the guarding driver. */
  public String guardedUrl(String database) {
    return url("jdbc:guarded:postgresql:", database, "postgres");
  }

  /** A URL of this server by prefix, database and user. */
  public String url(String prefix, String database, String user) {
    return prefix + "//localhost:" + port() + "/" + database + "?user=" + user;
  }

  /** A plain connection as the superuser {@code postgres}. */
  public Connection connect(String database) throws SQLException {
    return connect(database, "postgres");
  }

  /** A plain connection as {@code user}; the server trusts local users. */
  public Connection connect(String database, String user) throws SQLException {
    return Objects.requireNonNull(
        new Driver().connect(url("jdbc:postgresql:", database, user), new Properties()));
  }
}
