package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The corpus through the driver: what reads the guarded views is refused while they are not
 * certified, and nothing is refused while they are. Writes {@code target/reports/corpus.md}.
 */
class CorpusThroughDriverTest {
  private static final String REGISTRY =
      """
      CREATE SCHEMA audit;
      CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
        certified_at timestamptz DEFAULT now(), certificate_id bigint, chain_start bigint,
        lease interval, max_age interval, max_data_age interval, refreshed_at timestamptz,
        failed_gate text);
      INSERT INTO audit.t0_cert_registry
        SELECT 'ml.' || name, 'CERTIFIED', now(), 1, 1, '1 hour', '1 day', NULL, now(), NULL
        FROM unnest(ARRAY['guarded_rel', 'guarded_one']) name
      """;

  private static final String OPTIONS = "&currentSchema=ml,public&preferQueryMode=simple";

  private final Postgres postgres = Postgres.shared();
  private final String database = postgres.createDatabase("corpus");

  CorpusThroughDriverTest() throws SQLException {}

  @Test
  void nothingIsMissedAndNothingRefusedWithoutNeed() throws SQLException, IOException {
    List<Corpus.Line> lines = Corpus.lines().filter(Corpus.Line::triedOnServer).toList();
    List<String> missed = new ArrayList<>();
    List<String> routes = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    List<String> doubted = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    try (Connection admin = postgres.connect(database)) {
      run(admin, Corpus.OBJECTS + REGISTRY);
      List<Outcome> plain = outcomes(new org.postgresql.Driver(), "jdbc:postgresql:", lines);
      List<Outcome> certified = outcomes(new GuardedDriver(), "jdbc:guarded:postgresql:", lines);
      run(admin, "UPDATE audit.t0_cert_registry SET status = 'FAILED'");
      // Another lease, hence another look: the first one would do for an hour.
      List<Outcome> failed =
          outcomes(new GuardedDriver(), "jdbc:guarded:postgresql:", lines, "&guard.lease=1s");
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).toString().replace("\n", "¶");
        boolean reads = "RL".indexOf(lines.get(i).claim()) >= 0;
        GuardState state = certified.get(i).refusal();
        if (reads && failed.get(i).refusal() == null) {
          missed.add(line);
        }
        if (!reads && failed.get(i).refusal() != null) {
          doubted.add(line);
        }
        if (reads && state == GuardState.ROUTE) {
          routes.add(line);
        } else if (state != null) {
          refused.add(line);
        } else if (!certified.get(i).equals(plain.get(i))) {
          changed.add(line + " " + plain.get(i) + " " + certified.get(i));
        }
      }
    }
    long reading = lines.stream().filter(line -> "RL".indexOf(line.claim()) >= 0).count();
    Path folder = Files.createDirectories(Path.of("target", "reports"));
    Files.writeString(
        folder.resolve("corpus.md"),
        """
        # The corpus through the driver, on PostgreSQL %d

        | what | statements |
        | --- | --- |
        | run on the server | %d |
        | of these, read something guarded | %d |
        | missed: read it and not refused while it is not certified | %d |
        | refused while certified, by a route that can't be guarded (RG203) | %d |
        | refused while certified, without need | %d |
        | other result than pgjdbc's while certified | %d |
        | matched without need: baits refused while it is not certified | %d |
        """
                .formatted(
                    postgres.major(),
                    lines.size(),
                    reading,
                    missed.size(),
                    routes.size(),
                    refused.size(),
                    changed.size(),
                    doubted.size())
            + section("Missed", missed)
            + section("Refused by route", routes)
            + section("Refused without need", refused)
            + section("Other result", changed)
            + section("Matched without need", doubted));
    assertThat(missed).isEmpty();
    assertThat(refused).isEmpty();
    assertThat(changed).isEmpty();
  }

  /** What one statement gave: an update count or rows, or the state of its error. */
  private record Outcome(String state, @Nullable GuardState refusal) {}

  private List<Outcome> outcomes(Driver driver, String prefix, List<Corpus.Line> lines)
      throws SQLException {
    return outcomes(driver, prefix, lines, "");
  }

  /** In a transaction each that is rolled back; what does more than read gets its own session. */
  private List<Outcome> outcomes(
      Driver driver, String prefix, List<Corpus.Line> lines, String properties)
      throws SQLException {
    String url = postgres.url(prefix, database, "postgres") + OPTIONS + properties;
    List<Outcome> outcomes = new ArrayList<>();
    try (Connection reader = connect(driver, url)) {
      for (Corpus.Line line : lines) {
        if (line.kinds().equals("READ")) {
          outcomes.add(outcome(reader, line.sql()));
        } else {
          try (Connection connection = connect(driver, url)) {
            outcomes.add(outcome(connection, line.sql()));
          }
        }
      }
    }
    return outcomes;
  }

  private static Connection connect(Driver driver, String url) throws SQLException {
    Connection connection = Objects.requireNonNull(driver.connect(url, new Properties()));
    connection.setAutoCommit(false);
    return connection;
  }

  private static Outcome outcome(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return new Outcome(statement.execute(sql) + " " + statement.getUpdateCount(), null);
    } catch (SQLException e) {
      return new Outcome(
          String.valueOf(e.getSQLState()), e instanceof GuardRefusal r ? r.state() : null);
    } finally {
      connection.rollback();
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String section(String title, List<String> lines) {
    StringBuilder text = new StringBuilder("\n## " + title + "\n\n");
    lines.forEach(line -> text.append("- `").append(line).append("`\n"));
    return text.toString();
  }
}
