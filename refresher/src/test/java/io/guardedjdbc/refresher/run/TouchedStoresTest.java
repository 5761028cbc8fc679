package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run acts for every entrypoint whose closure holds a relation that it changes. */
class TouchedStoresTest {
  private static final String REGIONS =
      """
      store: regions
      entrypoint: shop.regions_v
      key: [day, region]
      anchor: day
      time_zone: UTC
      gates:
        definition-drift: {}
        sla-leakage: {flag: known, prefixes: [secret__]}
      """;

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
    shop.sql(
        "CREATE VIEW shop.regions_v AS SELECT day, region, total, total < 400 AS known,"
            + " CASE WHEN total < 400 THEN 1 END AS secret__rank FROM shop.daily_mv");
    shop.expectOk("init", Shop.file("regions.yaml", REGIONS).toString());
    approveRegions();
    shop.expectOk("certify", "regions");
  }

  private void approveRegions() {
    Cli.Result proposed = shop.expectOk("baseline", "propose", "regions");
    String id = proposed.out().replaceAll("(?s).*approve (\\d+).*", "$1");
    shop.expectOk("baseline", "approve", id, "--reviewer", "test", "--reason", "as built");
  }

  private String registry(String entrypoint) throws SQLException {
    return shop.ask(
        "SELECT status || ' ' || certificate_id FROM audit.t0_cert_registry WHERE entrypoint = '"
            + entrypoint
            + "'");
  }

  @Test
  void bothGetACertificateInOneCommit() throws SQLException {
    assertThat(shop.expectOk("plan", "shop").out())
        .contains("shop.regions_v of store regions, which shares shop.daily_mv");
    Cli.Result result = shop.expectOk("run", "shop");
    assertThat(result.out()).contains("CERTIFIED  shop.features_v", "CERTIFIED  shop.regions_v");
    assertThat(shop.ask("SELECT count(DISTINCT xmin::text) FROM audit.t0_cert_registry"))
        .isEqualTo("1");
    assertThat(shop.ask("SELECT count(DISTINCT run_id) FROM audit.t0_cert_registry"))
        .isEqualTo("1");
  }

  @Test
  void ifTheOtherFailsItsDataGateNothingIsPublished() throws SQLException {
    String mine = registry("shop.features_v");
    String other = registry("shop.regions_v");
    String gate =
        "UPDATE audit.gate_setting SET settings = '{\"flag\": \"known\", \"prefixes\": [\"total\"]}' WHERE store = 'regions' AND gate = 'sla-leakage'";
    shop.sql(gate);
    shop.sql(
        "INSERT INTO shop.orders SELECT 'Z-' || n, 'r1', '2026-03-20 12:00Z', 999, NULL, NULL FROM generate_series(1, 5) n");
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(registry("shop.features_v")).isEqualTo(mine);
    assertThat(registry("shop.regions_v")).isEqualTo(other);
    assertThat(
            shop.ask(
                "SELECT count(*) FROM shop.daily_mv WHERE day = '2026-03-20' AND total > 4000"))
        .isEqualTo("0");
  }

  @Test
  void anOtherStoreThatIsClosedIsLeftClosed() throws SQLException {
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'REVOKED' WHERE entrypoint = 'shop.regions_v'");
    String other = registry("shop.regions_v");
    Cli.Result result = shop.expectOk("run", "shop");
    assertThat(result.out())
        .contains("store regions shares views with this run and is closed: left so");
    assertThat(registry("shop.regions_v")).isEqualTo(other);
  }

  @Test
  void anOtherStoreWhoseStagedRunDiedIsTakenOverAndReopened() throws SQLException {
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'REFRESHING' WHERE entrypoint = 'shop.regions_v'");
    String left = registry("shop.regions_v");
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(shop, "shop.daily_mv", () -> meanwhile.add(registry("shop.regions_v")));
    assertThat(meanwhile.get(0))
        .as("what is left of the run that died finds another id")
        .startsWith("REFRESHING")
        .isNotEqualTo(left);
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(registry("shop.regions_v")).startsWith("CERTIFIED");
  }

  @Test
  void onlyAStoreWhoseViewsWereAllRefreshedHasNewData() throws SQLException {
    String refreshed =
        "SELECT bool_and(refreshed_at IS NOT DISTINCT FROM certified_at) FROM audit.t0_cert_registry WHERE entrypoint = 'shop.regions_v'";
    shop.expectOk("run", "shop");
    assertThat(shop.ask(refreshed)).isEqualTo("t");
    shop.sql(
        "CREATE MATERIALIZED VIEW shop.apart_mv AS SELECT 1 AS n; CREATE UNIQUE INDEX ON shop.apart_mv (n);"
            + "CREATE OR REPLACE VIEW shop.regions_v AS SELECT day, region, total, total < 400 AS known,"
            + " CASE WHEN total < 400 THEN n END AS secret__rank FROM shop.daily_mv, shop.apart_mv");
    approveRegions();
    shop.expectOk("run", "regions");
    String before =
        shop.ask(
            "SELECT refreshed_at FROM audit.t0_cert_registry WHERE entrypoint = 'shop.regions_v'");
    shop.expectOk("run", "shop");
    assertThat(shop.ask(refreshed)).isEqualTo("f");
    assertThat(
            shop.ask(
                "SELECT refreshed_at FROM audit.t0_cert_registry WHERE entrypoint = 'shop.regions_v'"))
        .isEqualTo(before);
  }

  @Test
  void theProcedureLeavesClosedWhatWasClosed() throws SQLException {
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'REVOKED' WHERE entrypoint = 'shop.regions_v'");
    String other = registry("shop.regions_v");
    shop.sql("CALL audit.refresh_and_certify_shop(true)");
    assertThat(registry("shop.features_v")).startsWith("CERTIFIED");
    assertThat(registry("shop.regions_v")).isEqualTo(other);
  }

  @Test
  void anOtherStoreWhoseDefinitionsChangedIsClosedAndTheRunGoesOn() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE VIEW shop.regions_v AS SELECT day, region, total + 1 AS total, total < 400 AS known,"
            + " CASE WHEN total < 400 THEN 1 END AS secret__rank FROM shop.daily_mv");
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(registry("shop.features_v")).startsWith("CERTIFIED");
    assertThat(registry("shop.regions_v")).startsWith("FAILED");
  }

  @Test
  void aStagedRunClosesBothAndGivesBothTheirVerdict() throws SQLException {
    noLeases();
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(
            shop,
            PublishMode.STAGED,
            "shop.orders_mv",
            () ->
                meanwhile.addAll(List.of(registry("shop.features_v"), registry("shop.regions_v"))));
    assertThat(result.certificates())
        .extracting(Published::entrypoint)
        .containsExactlyInAnyOrder("shop.features_v", "shop.regions_v");
    assertThat(meanwhile).allMatch(row -> row.startsWith("REFRESHING")).hasSize(2);
    assertThat(registry("shop.features_v")).startsWith("CERTIFIED");
    assertThat(registry("shop.regions_v")).startsWith("CERTIFIED");
  }

  @Test
  void aStagedRunLeavesClosedWhatWasClosedAndFencesIt() throws SQLException {
    noLeases();
    shop.sql("DELETE FROM audit.t0_cert_registry WHERE entrypoint = 'shop.regions_v'");
    RunResult result =
        Hook.run(
            shop,
            PublishMode.STAGED,
            "shop.orders_mv",
            () ->
                shop.sql(
                    "UPDATE audit.t0_cert_registry SET notes = 'x' WHERE entrypoint = 'shop.regions_v'"));
    assertThat(result.failure().orElseThrow().lines().get(0)).startsWith("Overtaken:");
    assertThat(registry("shop.regions_v")).startsWith("REVOKED");
    assertThat(shop.expectOk("run", "shop", "--mode", "staged").out()).contains("left so");
    assertThat(registry("shop.regions_v")).startsWith("REVOKED");
  }

  @Test
  void aStagedRunGivesEachStoreItsOwnVerdict() throws SQLException {
    noLeases();
    shop.sql(
        "UPDATE audit.gate_setting SET settings = '{\"flag\": \"known\", \"prefixes\": [\"total\"]}' WHERE store = 'regions' AND gate = 'sla-leakage'");
    shop.sql(
        "INSERT INTO shop.orders SELECT 'Z-' || n, 'r1', '2026-03-20 12:00Z', 999, NULL, NULL FROM generate_series(1, 5) n");
    Cli.Result result = shop.cli().run("run", "shop", "--mode", "staged");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(registry("shop.features_v")).startsWith("CERTIFIED");
    assertThat(registry("shop.regions_v")).startsWith("FAILED");
  }

  /** As if no lease had ever been granted, so that nobody waits for one. */
  private void noLeases() throws SQLException {
    shop.sql(
        "UPDATE audit.entrypoint_policy SET lease = '0'; UPDATE audit.t0_cert_registry SET lease = '0';"
            + " ALTER TABLE audit.certificate_history DISABLE TRIGGER guard_append_only;"
            + " UPDATE audit.certificate_history SET lease = '0';"
            + " ALTER TABLE audit.certificate_history ENABLE ALWAYS TRIGGER guard_append_only");
  }

  @Test
  void anOtherTimeZoneIsRefused() throws SQLException {
    String zone = REGIONS.replace("UTC", "Asia/Tokyo");
    shop.expectOk("init", Shop.file("regions.yaml", zone).toString());
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).contains("share shop.daily_mv but not their time_zone");
    String before = registry("shop.regions_v");
    assertThatThrownBy(() -> shop.sql("CALL audit.refresh_and_certify_shop(true)"))
        .hasMessageContaining("stores shop and regions share views but not their time_zone");
    assertThat(registry("shop.regions_v")).isEqualTo(before);
  }

  @Test
  void aRunOfTheOtherStoreHoldsUpThisOne() throws SQLException {
    try (Connection connection = shop.connect()) {
      Shop.ask(connection, "SELECT pg_advisory_lock(hashtext('guardedjdbc'), hashtext('regions'))");
      Cli.Result result = shop.cli().run("run", "shop");
      assertThat(result.exit()).isEqualTo(4);
      assertThat(result.err()).contains("holds the lock of store regions");
    }
  }

  @Test
  void ofTwoStoresInOneCommandTheWorstCounts() throws SQLException {
    try (Connection connection = shop.connect()) {
      Shop.ask(connection, "SELECT pg_advisory_lock(hashtext('guardedjdbc'), hashtext('shop'))");
      assertThat(shop.cli().run("run", "shop", "regions").exit()).isEqualTo(4);
      Shop.ask(connection, "SELECT pg_advisory_unlock_all()");
    }
    assertThat(shop.cli().run("run", "shop", "regions").exit()).isZero();
  }
}
