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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * A store whose runs come to harm, and what must hold each time: readers see a certified state or
 * none, the next run says that the one before was interrupted, and certifies.
 */
final class Trial {
  /** Whether every point is tried, not only some of each kind; set by the profile chaos. */
  static final boolean WHOLE = Boolean.getBoolean("guarded.chaos");

  private static final String CERTIFICATE = "SELECT certificate_id FROM audit.t0_cert_registry";
  private static final String STATUS = "SELECT status FROM audit.t0_cert_registry";
  private static final String LAST_RUN = "SELECT coalesce(max(run_id), 0) FROM audit.run";

  private final Shop shop;

  /** What was certified: the number of rows by certificate. */
  private final Map<String, Long> certified = new HashMap<>();

  private int orders;

  /** In a store that is certified. */
  Trial(Shop shop) throws SQLException {
    this.shop = shop;
    remember();
  }

  /** A mishap that ends a run, or does not. */
  @FunctionalInterface
  interface Mishap {
    void happen() throws Exception;
  }

  /** New input; a run that comes to harm; the judgement; the next run. */
  void endure(PublishMode mode, String where, PublishMode next, Mishap mishap) throws Exception {
    shop.sql(
        "INSERT INTO shop.orders VALUES ('N-"
            + orders++
            + "', 'r1', '2026-05-01 23:50:00Z', 99, NULL, NULL)");
    String before = shop.ask(CERTIFICATE);
    String runBefore = shop.ask(LAST_RUN);
    long inputs = Long.parseLong(shop.ask("SELECT count(*) FROM shop.orders"));
    mishap.happen();
    String run = shop.ask(LAST_RUN);
    judge(mode, where, before, inputs);
    boolean left =
        !run.equals(runBefore) && shop.ask(outcome(run)).matches("running|interrupted|error");
    List<String> said = new ArrayList<>();
    run(next, -1, point -> {}, said);
    remember();
    assertThat(read()).as("certified by the next run; %s", where).contains(inputs);
    if (left) {
      assertThat(shop.ask(outcome(run))).as(where).isIn("interrupted", "error");
    }
    if (left && shop.ask(outcome(run)).equals("interrupted")) {
      assertThat(said).as(where).anyMatch(line -> line.contains("run " + run + " was interrupted"));
    }
  }

  private static String outcome(String run) {
    return "SELECT outcome FROM audit.run WHERE run_id = " + run;
  }

  private void judge(PublishMode mode, String where, String before, long inputs)
      throws SQLException {
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
  }

  private void remember() throws SQLException {
    assertThat(shop.ask(STATUS)).isEqualTo("CERTIFIED");
    certified.put(
        shop.ask(CERTIFICATE), Long.parseLong(shop.ask("SELECT count(*) FROM shop.orders_mv")));
  }

  /** The points of a run that nothing happens to. */
  List<String> points(PublishMode mode) throws SQLException {
    List<String> points = run(mode, -1, point -> {}, new ArrayList<>());
    remember();
    return points;
  }

  /** A run in this process; gives the points that it came to. */
  List<String> run(PublishMode mode, int stopAt, BreakingConnector.Mishap mishap) {
    return run(mode, stopAt, mishap, new ArrayList<>());
  }

  private List<String> run(
      PublishMode mode, int stopAt, BreakingConnector.Mishap mishap, List<String> said) {
    BreakingConnector connector = connector(shop.url(), stopAt, mishap);
    try {
      RunResult result = cycle(connector, mode, said).run(StoreArgument.of("shop"));
      if (stopAt < 0) {
        assertThat(result.outcome()).as(result.toString()).isEqualTo(RunResult.Outcome.CERTIFIED);
      }
    } catch (Failure e) {
      if (stopAt < 0) {
        fail(e);
      }
    }
    return connector.passed();
  }

  static BreakingConnector connector(String url, int stopAt, BreakingConnector.Mishap mishap) {
    return new BreakingConnector(Target.of(url, null, Map.of())::open, stopAt, mishap);
  }

  static RunCycle cycle(Connector connector, PublishMode mode, List<String> said) {
    return cycle(connector, mode, said, Duration.ofSeconds(2));
  }

  static RunCycle cycle(
      Connector connector, PublishMode mode, List<String> said, Duration lockTimeout) {
    RunOptions options =
        new RunOptions(
            true, Optional.of(mode), 2, RunLimits.ofLocks(lockTimeout, 2), "run", "test-host");
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            said.add(line);
          }
        };
    return new RunCycle(
        connector,
        options,
        listener,
        new Interruption(),
        InstantSource.system(),
        ReaderClock.system());
  }

  /** What a guarded reader gets; empty when it is refused. */
  private Optional<Long> read() throws SQLException {
    String url =
        shop.url().replace("jdbc:postgresql:", "jdbc:guarded:postgresql:")
            + "&guard.validation=always";
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
