package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every URL form and property of pgjdbc's guards as the plain one does. */
class UrlFormsTest {
  private static final String READ = "SELECT count(*) FROM ml.store_v";

  private final Postgres postgres = Postgres.shared();
  private final String database;
  private final Connection admin;

  @TempDir Path directory = Path.of("");

  UrlFormsTest() throws SQLException {
    database = postgres.createDatabase("forms");
    admin = postgres.connect(database);
  }

  @BeforeEach
  void store() throws SQLException {
    run(
        admin,
        """
        CREATE SCHEMA ml; CREATE SCHEMA audit;
        CREATE TABLE ml.raw (id int); INSERT INTO ml.raw SELECT generate_series(1, 100);
        CREATE VIEW ml.store_v AS SELECT id FROM ml.raw;
        CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
          certified_at timestamptz DEFAULT now(), viewdef_objects int, dataset_days int, notes text);
        INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'CERTIFIED', now(), 9, 5)
        """);
  }

  @AfterEach
  void close() throws SQLException {
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
  void guardsInEveryQueryMode(String mode) throws SQLException {
    try (Connection connection = connect(url("preferQueryMode=" + mode), new Properties())) {
      reads(connection);
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      reads(connection);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(7);
        try (ResultSet rows = statement.executeQuery("SELECT id FROM ml.store_v")) {
          int count = 0;
          while (rows.next()) {
            count++;
          }
          assertThat(count).isEqualTo(100);
        }
      }
      run(connection, "CREATE TABLE ml.copy AS SELECT * FROM ml.store_v");
      connection.commit();
      connection.setAutoCommit(true);
      run(connection, "INSERT INTO ml.copy SELECT * FROM ml.store_v");
      assertThat(count(connection, "SELECT count(*) FROM ml.copy")).isEqualTo(200);
      refuses(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "currentSchema=ml",
        "options=-c%20search_path=ml%20-c%20default_transaction_isolation=serializable",
        "targetServerType=primary",
        "loadBalanceHosts=true",
        "autosave=always",
        "readOnly=true",
        "stringtype=unspecified",
        "binaryTransfer=false",
        "ApplicationName=training",
        "socketTimeout=30&loginTimeout=10",
        "defaultRowFetchSize=5",
        "prepareThreshold=-1"
      })
  void guardsUnderPropertiesOfPgjdbc(String property) throws SQLException {
    try (Connection connection = connect(url(property), new Properties())) {
      reads(connection);
      connection.setAutoCommit(false);
      reads(connection);
      connection.commit();
      refuses(connection);
    }
  }

  @Test
  void guardsOnTheHostOfSeveralThatAnswers() throws SQLException {
    String url =
        "jdbc:guarded:postgresql://localhost:1,127.0.0.1:"
            + postgres.port()
            + "/"
            + database
            + "?user=postgres&guard.validation=always&connectTimeout=5";
    try (Connection connection = connect(url, new Properties())) {
      reads(connection);
      refuses(connection);
    }
  }

  @Test
  void takesDefaultsOfPropertiesAndUrlsWithoutHost() throws SQLException {
    Properties defaults = new Properties();
    defaults.setProperty("PGHOST", "localhost");
    defaults.setProperty("PGPORT", Integer.toString(postgres.port()));
    defaults.setProperty("user", "postgres");
    defaults.setProperty("guard.maxAge", "1h");
    try (Connection connection =
        connect("jdbc:guarded:postgresql:" + database, new Properties(defaults))) {
      reads(connection);
      run(admin, "UPDATE audit.t0_cert_registry SET certified_at = now() - interval '2 hours'");
      assertThatThrownBy(() -> count(connection, READ)).hasMessageContaining("limit 1 h");
    }
  }

  @Test
  void takesAService() throws SQLException, IOException {
    Path file = directory.resolve("services");
    Files.writeString(
        file,
        "[training]\nhost=localhost\nport="
            + postgres.port()
            + "\ndbname="
            + database
            + "\nuser=postgres\n");
    String before = System.setProperty("org.postgresql.pgservicefile", file.toString());
    try (Connection connection =
        connect("jdbc:guarded:postgresql:///?service=training", new Properties())) {
      reads(connection);
      refuses(connection);
    } finally {
      if (before == null) {
        System.clearProperty("org.postgresql.pgservicefile");
      } else {
        System.setProperty("org.postgresql.pgservicefile", before);
      }
    }
  }

  @Test
  void thePropertiesOfBothAreListed() throws SQLException {
    String[] names =
        Arrays.stream(new GuardedDriver().getPropertyInfo(url("guard.maxAge=5h"), null))
            .map(info -> info.name + "=" + info.value)
            .toArray(String[]::new);
    assertThat(names).contains("guard.maxAge=5h", "guard.validation=leased", "user=postgres");
    assertThat(names).anyMatch(name -> name.startsWith("preferQueryMode="));
  }

  @Test
  void whatItAsksIsNotSeenInTheApplicationsSession() throws SQLException {
    try (Connection connection = connect(url("guard.validation=always"), new Properties())) {
      reads(connection);
      assertThat((Object) connection.getWarnings()).isNull();
      assertThat(connection.getMetaData().getURL()).startsWith("jdbc:postgresql:");
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
      assertThat(
              count(
                  connection,
                  "SELECT count(*) FROM pg_catalog.pg_stat_activity"
                      + " WHERE application_name = 'guarded-jdbc registry'"
                      + " AND datname = current_database()"))
          .isEqualTo(1);
    }
    assertThat(
            count(
                admin,
                "SELECT count(*) FROM (SELECT pg_sleep(0.2)) s, LATERAL (SELECT 1 FROM"
                    + " pg_catalog.pg_stat_activity"
                    + " WHERE application_name = 'guarded-jdbc registry'"
                    + " AND datname = current_database()) a"))
        .as("the side channel ends with the last connection")
        .isZero();
  }

  private static void reads(Connection connection) throws SQLException {
    assertThat(count(connection, READ)).isEqualTo(100);
  }

  private void refuses(Connection connection) throws SQLException {
    run(admin, "UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThatThrownBy(() -> count(connection, READ)).hasMessageContaining("[RG101]");
    run(admin, "UPDATE audit.t0_cert_registry SET status = 'CERTIFIED'");
  }

  private String url(String parameters) {
    return postgres.guardedUrl(database) + "&" + parameters;
  }

  private static Connection connect(String url, Properties properties) throws SQLException {
    return Objects.requireNonNull(new GuardedDriver().connect(url, properties));
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
