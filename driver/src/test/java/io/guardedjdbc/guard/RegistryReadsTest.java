package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.registry.RegistryName;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever reads all the time reads the registry once a lease, whatever else is kept current. */
class RegistryReadsTest {
  private static final GuardSettings SETTINGS =
      GuardSettings.of(GuardMapOptions.DEFAULT, RegistryName.DEFAULT, Duration.ofMinutes(1));

  private static final String SCANS =
      "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables"
          + " WHERE relname = 't0_cert_registry'";

  /** Two minutes go by while nothing runs. */
  private static final Duration TIME = Duration.ofMinutes(2);

  private static final Duration STEP = Duration.ofMillis(100);

  private final PassingClock clock = new PassingClock();

  private static final class Read implements Execution<Boolean> {
    @Override
    public Boolean run() {
      return true;
    }

    @Override
    public void discard() {
      throw new AssertionError("refused");
    }
  }

  @ParameterizedTest(name = "lease of {0} s")
  @CsvSource({"1, 120", "10, 12", "30, 12"})
  void areOneALease(int seconds, long allowed) throws SQLException {
    Postgres postgres = Postgres.shared();
    String database = postgres.createDatabase("looks");
    List<Connection> sides = new ArrayList<>();
    try (Connection raw = postgres.connect(database);
        Statement admin = raw.createStatement()) {
      admin.execute(
          """
          CREATE SCHEMA ml; CREATE SCHEMA audit;
          CREATE MATERIALIZED VIEW ml.store_mv AS SELECT 1 AS id;
          CREATE VIEW ml.store_v AS SELECT id FROM ml.store_mv;
          CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
            certified_at timestamptz DEFAULT now(), certificate_id bigint, chain_start bigint,
            lease interval, max_age interval, max_data_age interval, refreshed_at timestamptz,
            failed_gate text);
          INSERT INTO audit.t0_cert_registry VALUES
            ('ml.store_v', 'CERTIFIED', now(), 1, 1, '%d seconds', '1 day', NULL, now(), NULL)
          """
              .formatted(seconds));
      SessionGuard guard =
          SharedServer.guard(
              new SharedServer.Key(database, SETTINGS),
              raw,
              () -> {
                Connection side = postgres.connect(database);
                sides.add(side);
                return side;
              },
              clock);
      PreparedFacts read = guard.prepare("SELECT id FROM ml.store_v");
      guard.execute(read, new Read());
      long before = scans(sides.get(0));
      for (long i = TIME.dividedBy(STEP); i > 0; i--) {
        clock.pass(STEP);
        assertThat(guard.execute(read, new Read())).isTrue();
      }
      assertThat(scans(sides.get(0)) - before).isBetween(allowed / 2, allowed);
      assertThat(sides).hasSize(1);
      guard.closed();
    }
  }

  /** What that connection has scanned until now. */
  private static long scans(Connection side) throws SQLException {
    try (Statement statement = side.createStatement()) {
      statement.execute("SELECT pg_catalog.pg_stat_force_next_flush()");
      statement.execute("SELECT pg_catalog.pg_stat_clear_snapshot()");
      try (ResultSet row = statement.executeQuery(SCANS)) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
