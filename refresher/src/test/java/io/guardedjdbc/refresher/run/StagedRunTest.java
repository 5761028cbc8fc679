package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Closed from before the first change to the verdict, and nobody holds a lease meanwhile. */
class StagedRunTest {
  private static final String NEW_ORDER =
      "INSERT INTO shop.orders VALUES ('B-1', 'r1', '2026-05-01 23:50:00Z', 99, NULL, NULL)";
  private static final String BACKFILL =
      "UPDATE shop.orders SET amount = amount * 0.8 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)";

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @ParameterizedTest
  @Tag("postgres14")
  @EnumSource(names = {"STAGED", "BLOCKING"})
  void theStoreIsClosedWhileItChangesAndThenANewChainBegins(PublishMode mode) throws SQLException {
    String rows = shop.rows();
    String registry = shop.registry();
    shop.sql(NEW_ORDER);
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(shop, mode, "publish", () -> meanwhile.addAll(List.of(shop.registry())));
    assertThat(result.outcome()).as(result.toString()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(meanwhile).singleElement().asString().startsWith("REFRESHING");
    assertThat(shop.rows()).isNotEqualTo(rows);
    assertThat(shop.registry())
        .isEqualTo("CERTIFIED " + result.certificates().get(0).certificateId())
        .isNotEqualTo(registry);
    assertThat(
            shop.ask(
                "SELECT chain_start = certificate_id AND lease = '40 ms' FROM audit.t0_cert_registry"))
        .isEqualTo("t");
    assertThat(result.steps())
        .extracting(step -> step.kind() + " " + step.detail())
        .startsWith("REVOKE REFRESHING", "WAIT 150 ms for leases");
    assertThat(shop.ask("SELECT mode FROM audit.run ORDER BY run_id DESC LIMIT 1"))
        .isEqualTo(mode.word());
  }

  @Test
  void theStoresFileChoosesTheModeAndTheOptionOverrulesIt() throws SQLException {
    String yaml =
        Shop.resource("shop/shop.yaml").replace("lease: 10s", "lease: 40ms\npublish: blocking");
    String mode = "SELECT mode FROM audit.run ORDER BY run_id DESC LIMIT 1";
    shop.expectOk("run", Shop.file("shop.yaml", yaml).toString());
    assertThat(shop.ask(mode)).isEqualTo("blocking");
    shop.expectOk("run", "shop", "--mode", "atomic");
    assertThat(shop.ask(mode)).isEqualTo("atomic");
  }

  @Test
  void nothingChangesBeforeTheLongestLeaseIsOver() throws SQLException {
    shop.expectOk("run", "shop", "--mode", "staged");
    String waited =
        shop.ask(
            "SELECT min(s.started_at) - max(h.changed_at) FROM audit.run_step s, audit.certificate_history h"
                + " WHERE s.kind = 'refresh' AND h.status = 'REFRESHING' AND s.run_id = h.run_id");
    assertThat(waited).isGreaterThan("00:00:00.15");
  }

  @Test
  void aFailedDataGateLeavesTheStoreClosedWithTheGateNamed() throws SQLException {
    shop.sql(BACKFILL);
    Cli.Result result = shop.cli().run("run", "shop", "--mode", "staged");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(result.out()).contains("FAILED gate    dataset-hash", "the store is closed");
    assertThat(shop.registry()).startsWith("FAILED");
    assertThat(shop.ask("SELECT failed_gate FROM audit.t0_cert_registry"))
        .isEqualTo("dataset-hash");
  }

  @Test
  void aDefinitionChangedMeanwhileIsFoundBeforeTheVerdict() throws SQLException {
    RunResult result =
        Hook.run(
            shop,
            PublishMode.STAGED,
            "publish",
            () ->
                shop.sql(
                    "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT code || '' $$"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
    assertThat(result.closed()).containsExactly("shop.features_v");
    assertThat(shop.registry()).startsWith("FAILED");
  }

  @Test
  @Tag("postgres14")
  void aRunWhoseRowWasTakenOverChangesNothingMore() throws SQLException {
    String before = shop.ask("SELECT count(*) FROM shop.orders_mv");
    shop.sql(NEW_ORDER);
    RunResult result = Hook.run(shop, PublishMode.STAGED, "shop.orders_mv", this::takeOver);
    assertThat(result.exitCode()).isEqualTo(ExitCode.COULD_NOT_CHECK);
    assertThat(result.failure().orElseThrow().lines().get(0)).startsWith("Overtaken:");
    assertThat(shop.ask("SELECT count(*) FROM shop.orders_mv")).isEqualTo(before);
    assertThat(shop.registry()).startsWith("REVOKED");
  }

  @Test
  void aRunWhoseRowWasTakenOverGivesNoVerdict() throws SQLException {
    RunResult result = Hook.run(shop, PublishMode.STAGED, "data", this::takeOver);
    assertThat(result.failure().orElseThrow().lines().get(0)).startsWith("Overtaken:");
    assertThat(shop.registry()).startsWith("REVOKED");
    assertThat(shop.lastRun()).startsWith("error: Overtaken");
  }

  @Test
  void aRunWhoseRowWasTakenOverClosesNothingEither() throws SQLException {
    shop.sql(BACKFILL);
    RunResult result = Hook.run(shop, PublishMode.STAGED, "data", this::takeOver);
    assertThat(result.failure().orElseThrow().lines().get(0)).startsWith("Overtaken:");
    assertThat(shop.ask("SELECT notes FROM audit.t0_cert_registry")).isEqualTo("by hand");
  }

  private void takeOver() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REVOKED', notes = 'by hand'");
  }

  @Test
  void whereAViewCantBeRefreshedConcurrentlyTheRunIsStagedAndSaysSo() throws SQLException {
    shop.sql("DROP INDEX shop.daily_mv_day_region_idx");
    shop.approve();
    String why = "staged, as shop.daily_mv can't be refreshed CONCURRENTLY: no valid unique index";
    assertThat(shop.expectOk("plan", "shop").out())
        .contains(why.replace(", as", ":"), "shop.daily_mv", "plain");
    Cli.Result result = shop.expectOk("run", "shop");
    assertThat(result.out()).contains(why, "CREATE UNIQUE INDEX ON shop.daily_mv", "CERTIFIED");
    assertThat(shop.ask("SELECT mode FROM audit.run ORDER BY run_id DESC LIMIT 1"))
        .isEqualTo("staged");
  }

  @Test
  void whereAStepTruncatesTheRunIsStagedAndSaysSo() throws SQLException {
    String yaml =
        Shop.resource("shop/shop.yaml")
            .replace("lease: 10s", "lease: 40ms")
            .replace("DELETE FROM shop.rates;", "TRUNCATE shop.rates;");
    shop.expectOk("init", Shop.file("shop.yaml", yaml).toString());
    shop.approve();
    assertThat(shop.expectOk("run", "shop", "--mode", "atomic").out())
        .contains(
            "staged, as sql step rebuild-rates can't be part of an atomic run: it needs TRUNCATE");
    assertThat(shop.ask("SELECT count(*) > 0 FROM shop.rates")).isEqualTo("t");
  }

  @Test
  @Tag("postgres14")
  void aSealKnowsTheConnectionsThatRefresh() throws SQLException {
    shop.expectOk("seal", "shop");
    for (String mode : List.of("staged", "blocking")) {
      assertThat(shop.expectOk("run", "shop", "--mode", mode).out()).contains("CERTIFIED");
    }
  }

  @Test
  void independentViewsAreRefreshedSideBySide() throws Exception {
    shop.sql(
        "CREATE MATERIALIZED VIEW shop.regions_mv AS SELECT region, count(*) AS orders FROM shop.orders GROUP BY 1;"
            + "CREATE UNIQUE INDEX ON shop.regions_mv (region);"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate,"
            + " day_total, in_time, late__score, r.orders FROM shop.orders_mv JOIN shop.regions_mv r USING (region)");
    shop.approve();
    CompletableFuture<Cli.Result> run;
    try (Connection other = shop.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY shop.daily_mv");
      run =
          CompletableFuture.supplyAsync(
              () -> shop.cli().run("run", "shop", "--mode", "staged", "--lock-timeout", "60s"));
      await(
          "SELECT coalesce(max(outcome), '') FROM audit.run_step WHERE object = 'shop.regions_mv'");
      assertThat(
              shop.ask(
                  "SELECT count(*) FROM audit.run_step WHERE object = 'shop.daily_mv' AND run_id = (SELECT max(run_id) FROM audit.run) AND outcome IS NULL"))
          .isEqualTo("1");
      other.rollback();
    }
    Cli.Result result = run.get(30, TimeUnit.SECONDS);
    assertThat(result.exit()).as(result.toString()).isZero();
  }

  @Test
  void aWorkerThatCanNotConnectEndsTheRunAndNoStepIsLeftOpen() throws SQLException {
    shop.sql(
        "CREATE MATERIALIZED VIEW shop.regions_mv AS SELECT region, count(*) AS orders FROM shop.orders GROUP BY 1;"
            + "CREATE UNIQUE INDEX ON shop.regions_mv (region);"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate,"
            + " day_total, in_time, late__score, r.orders FROM shop.orders_mv JOIN shop.regions_mv r USING (region)");
    shop.approve();
    AtomicInteger workers = new AtomicInteger();
    Connector connector =
        name -> {
          if (name.endsWith(" worker") && workers.incrementAndGet() == 2) {
            throw new Failure(ExitCode.COULD_NOT_CHECK, "too many connections");
          }
          return Target.of(shop.url(), null, Map.of()).open(name);
        };
    RunResult result =
        Trial.cycle(connector, PublishMode.STAGED, new ArrayList<>()).run(StoreArgument.of("shop"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.ERROR);
    assertThat(result.failure().orElseThrow().lines()).containsExactly("too many connections");
    assertThat(
            shop.ask(
                "SELECT string_agg(object, ', ') IS NULL FROM audit.run_step WHERE outcome IS NULL"))
        .isEqualTo("t");
    assertThat(shop.registry()).startsWith("REFRESHING");
    shop.expectOk("run", "shop");
  }

  private void await(String query) throws SQLException {
    for (int i = 0; i < 600; i++) {
      if (shop.ask(query).equals("ok")) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new AssertionError("still not ok: " + query);
  }

  @Test
  void aRegistryRowThatIsLockedIsWaitedForOnlySoLongAndItsHolderIsNamed() throws SQLException {
    String registry = shop.registry();
    try (Connection other = shop.connect();
        Statement statement = other.createStatement()) {
      statement.execute("SET application_name = 'somebody in psql'");
      other.setAutoCommit(false);
      statement.execute("SELECT FROM audit.t0_cert_registry FOR UPDATE");
      Cli.Result result =
          shop.cli()
              .run("run", "shop", "--mode", "staged", "--lock-timeout", "200ms", "--attempts", "2");
      assertThat(result.exit()).as(result.toString()).isEqualTo(3);
      assertThat(result.out()).contains("attempt 1 of 2: a registry row is locked");
      assertThat(result.err()).contains("somebody in psql", "Nothing was changed");
      other.rollback();
    }
    assertThat(shop.registry()).isEqualTo(registry);
    shop.expectOk("run", "shop", "--mode", "staged");
  }

  @Test
  void anInterruptedRunLeavesTheStoreClosedAndTheNextOpensIt() throws SQLException {
    Interruption interruption = new Interruption();
    RunResult result =
        Hook.run(shop, PublishMode.STAGED, "shop.orders_mv", interruption::request, interruption);
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.INTERRUPTED);
    assertThat(result.failure().orElseThrow().lines().get(0))
        .contains("Interrupted: rolled back and recorded; readers are refused: REFRESHING");
    assertThat(shop.registry()).startsWith("REFRESHING");
    assertThat(shop.lastRun()).startsWith("interrupted: ");
    shop.expectOk("run", "shop");
    assertThat(shop.registry()).startsWith("CERTIFIED");
  }
}
