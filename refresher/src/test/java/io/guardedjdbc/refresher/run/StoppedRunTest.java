package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A run that loses all its connections at each of its points: afterwards readers see a certified
 * state, or none, and the next run certifies.
 */
class StoppedRunTest {
  private static final String CERTIFICATE = "SELECT certificate_id FROM audit.t0_cert_registry";
  private static final String STATUS = "SELECT status FROM audit.t0_cert_registry";

  private final Shop shop = Shop.withBriefLeases();

  /** What was certified: the number of rows by certificate. */
  private final Map<String, Long> certified = new HashMap<>();

  private int orders;

  StoppedRunTest() throws SQLException {}

  @BeforeEach
  void begin() throws SQLException {
    certified.put(shop.ask(CERTIFICATE), 200L);
  }

  @Test
  void anAtomicRunLeavesTheOldStateCertifiedOrTheNewOne() throws SQLException {
    assertThat(stopEverywhere(PublishMode.ATOMIC, point -> true))
        .containsOnlyOnce("audit.publish_certificate", "commit", "answer to commit");
  }

  @Test
  void aStagedRunLeavesTheStoreClosedOnceItHasBegun() throws SQLException {
    assertThat(stopEverywhere(PublishMode.STAGED, point -> true))
        .containsSubsequence("audit.revoke", "commit", "REFRESH", "commit", "DELETE", "commit")
        .endsWith("audit.publish_certificate", "commit", "answer to commit", "audit.finish_run");
  }

  @Test
  void aBlockingRunDoesTheSame() throws SQLException {
    assertThat(stopEverywhere(PublishMode.BLOCKING, "REFRESH"::equals)).contains("REFRESH");
  }

  private List<String> stopEverywhere(PublishMode mode, Predicate<String> here)
      throws SQLException {
    List<String> points = run(mode, -1).passed();
    remember();
    for (int i = 0; i < points.size(); i++) {
      if (here.test(points.get(i))) {
        String where = mode + " stopped at " + i + " " + points.get(i) + " of " + points;
        stopAt(mode, i, where);
      }
    }
    return points;
  }

  private void stopAt(PublishMode mode, int point, String where) throws SQLException {
    shop.sql(
        "INSERT INTO shop.orders VALUES ('N-"
            + orders++
            + "', 'r1', '2026-05-01 23:50:00Z', 99, NULL, NULL)");
    String before = shop.ask(CERTIFICATE);
    long inputs = Long.parseLong(shop.ask("SELECT count(*) FROM shop.orders"));
    run(mode, point);
    String run = shop.ask("SELECT max(run_id) FROM audit.run");
    Optional<Long> seen = read();
    String status = shop.ask(STATUS);
    assertThat(seen.isPresent())
        .as("open only when certified; %s", where)
        .isEqualTo(status.equals("CERTIFIED"));
    if (seen.isPresent()) {
      boolean old = shop.ask(CERTIFICATE).equals(before);
      assertThat(seen.get())
          .as("rows of the state that was certified; %s", where)
          .isEqualTo(old ? certified.getOrDefault(before, -1L) : Long.valueOf(inputs));
    } else {
      assertThat(mode).as(where).isNotEqualTo(PublishMode.ATOMIC);
      assertThat(status).as(where).isEqualTo("REFRESHING");
    }
    run(point % 4 == 0 ? mode : PublishMode.ATOMIC, -1);
    remember();
    assertThat(read()).as("certified by the next run; %s", where).contains(inputs);
    assertThat(shop.ask("SELECT outcome FROM audit.run WHERE run_id = " + run))
        .as(where)
        .isIn("interrupted", "certified");
  }

  private void remember() throws SQLException {
    assertThat(shop.ask(STATUS)).isEqualTo("CERTIFIED");
    certified.put(
        shop.ask(CERTIFICATE), Long.parseLong(shop.ask("SELECT count(*) FROM shop.orders_mv")));
  }

  private BreakingConnector run(PublishMode mode, int stopAt) {
    BreakingConnector connector =
        new BreakingConnector(shop, Target.of(shop.url(), null, Map.of())::open, stopAt);
    RunOptions options =
        new RunOptions(true, Optional.of(mode), 2, Duration.ofSeconds(2), 2, "run", "test-host");
    RunCycle cycle =
        new RunCycle(
            connector,
            options,
            RunListener.NONE,
            new Interruption(),
            InstantSource.system(),
            ReaderClock.system());
    try {
      RunResult result = cycle.run(StoreArgument.of("shop"));
      if (stopAt < 0) {
        assertThat(result.outcome()).as(result.toString()).isEqualTo(RunResult.Outcome.CERTIFIED);
      }
    } catch (Failure e) {
      if (stopAt < 0) {
        fail(e);
      }
    }
    return connector;
  }

  /** What a guarded reader gets; empty when it is refused. */
  private Optional<Long> read() throws SQLException {
    String url = Postgres.shared().guardedUrl(shop.database()) + "&guard.validation=always";
    try (Connection connection =
        Objects.requireNonNull(new GuardedDriver().connect(url, new Properties()))) {
      return Optional.of(
          Long.parseLong(Shop.ask(connection, "SELECT count(*) FROM shop.features_v")));
    } catch (SQLException e) {
      assertThat(e.getSQLState()).startsWith("RG");
      return Optional.empty();
    }
  }
}
