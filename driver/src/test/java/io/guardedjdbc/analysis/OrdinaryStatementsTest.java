package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * How many ordinary reading statements are matched without need, with a server as the oracle: it
 * refuses a role without the privilege what reads something guarded, and nothing else. Writes
 * {@code target/reports/ordinary.md}; {@code -Dordinary.statements=N} tries more.
 */
class OrdinaryStatementsTest {
  private static final String REGISTRY =
      """
      CREATE SCHEMA audit;
      CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
        certified_at timestamptz DEFAULT now());
      INSERT INTO audit.t0_cert_registry VALUES
        ('ml.survival_feature_store_t0_v1_v', 'FAILED'), ('ml.store', 'FAILED');
      DROP ROLE IF EXISTS ordinary_reader;
      CREATE ROLE ordinary_reader LOGIN;
      GRANT USAGE ON SCHEMA ml, shop, store TO ordinary_reader;
      GRANT ALL ON ALL TABLES IN SCHEMA ml, shop, store TO ordinary_reader;
      """;

  private final Postgres postgres = Postgres.shared();
  private final String database = postgres.createDatabase("ordinary");

  OrdinaryStatementsTest() throws SQLException {}

  @Test
  void fewerThanOneInAThousandAreMatchedWithoutNeed() throws SQLException, IOException {
    Collection<String> texts =
        OrdinaryStatements.distinct(Integer.getInteger("ordinary.statements", 2000), 1);
    List<String> missed = new ArrayList<>();
    List<String> needless = new ArrayList<>();
    int guardedReads = 0;
    try (Connection admin = postgres.connect(database)) {
      run(admin, OrdinaryStatements.OBJECTS + REGISTRY);
      run(admin, "REVOKE ALL ON " + OrdinaryStatements.GUARDED + " FROM ordinary_reader");
    }
    try (Connection oracle =
            connect(new org.postgresql.Driver(), "jdbc:postgresql:", "ordinary_reader");
        Connection guarded = connect(new GuardedDriver(), "jdbc:guarded:postgresql:", "postgres")) {
      for (String text : texts) {
        boolean reads = denied(oracle, text);
        guardedReads += reads ? 1 : 0;
        boolean refused = refused(guarded, text);
        if (reads && !refused) {
          missed.add(text);
        } else if (refused && !reads) {
          needless.add(text);
        }
      }
      assertThat(metadata(guarded)).isPositive();
    }
    int others = texts.size() - guardedReads;
    double percent = 100.0 * needless.size() / others;
    Path folder = Files.createDirectories(Path.of("target", "reports"));
    StringBuilder report = new StringBuilder();
    report.append(
        """
        # Ordinary reading statements, on PostgreSQL %d

        | what | statements |
        | --- | --- |
        | distinct texts | %d |
        | of these, read something guarded | %d |
        | missed: read it and not refused while it is not certified | %d |
        | matched without need: refused, and read nothing guarded | %d of %d, %.3f %% |

        ## Matched without need

        """
            .formatted(
                postgres.major(),
                texts.size(),
                guardedReads,
                missed.size(),
                needless.size(),
                others,
                percent));
    needless.forEach(text -> report.append("- `").append(text).append("`\n"));
    Files.writeString(folder.resolve("ordinary.md"), report);
    assertThat(missed).isEmpty();
    assertThat(guardedReads).isPositive();
    assertThat(percent).as(needless.toString()).isLessThan(0.1);
  }

  private Connection connect(Driver driver, String prefix, String user) throws SQLException {
    return Objects.requireNonNull(
        driver.connect(postgres.url(prefix, database, user), new Properties()));
  }

  /** What the server says to somebody who may not read what is guarded. */
  private static boolean denied(Connection oracle, String text) {
    try (Statement statement = oracle.createStatement()) {
      statement.execute(text);
      return false;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(text + ": " + e.getMessage()).isEqualTo("42501");
      return true;
    }
  }

  private static boolean refused(Connection guarded, String text) throws SQLException {
    try (Statement statement = guarded.createStatement()) {
      statement.execute(text);
      return false;
    } catch (SQLException e) {
      if (e instanceof GuardRefusal) {
        return true;
      }
      throw e;
    }
  }

  /** What tools ask before anything else, of what is guarded: it describes, and gives no row. */
  private static int metadata(Connection guarded) throws SQLException {
    DatabaseMetaData about = guarded.getMetaData();
    int rows = 0;
    try (ResultSet tables = about.getTables(null, "ml", "%", null);
        ResultSet columns = about.getColumns(null, "ml", "store", "%");
        ResultSet keys = about.getPrimaryKeys(null, "ml", "store");
        ResultSet imported = about.getImportedKeys(null, "ml", "features");
        ResultSet indexes = about.getIndexInfo(null, "ml", "features", false, true);
        ResultSet privileges = about.getTablePrivileges(null, "ml", "store");
        ResultSet columnPrivileges = about.getColumnPrivileges(null, "ml", "store", "%");
        ResultSet schemas = about.getSchemas();
        ResultSet types = about.getTypeInfo();
        ResultSet functions = about.getFunctions(null, "ml", "%");
        ResultSet best = about.getBestRowIdentifier(null, "ml", "store", 2, true)) {
      for (ResultSet each :
          List.of(
              tables,
              columns,
              keys,
              imported,
              indexes,
              privileges,
              columnPrivileges,
              schemas,
              types,
              functions,
              best)) {
        while (each.next()) {
          rows++;
        }
      }
    }
    return rows;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
