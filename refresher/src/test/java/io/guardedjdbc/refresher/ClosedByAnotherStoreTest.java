package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.JsonSchema;
import io.guardedjdbc.refresher.testing.Shop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that another store's run judged: whose run, which gate, which path, what to do. */
@Tag("postgres14")
class ClosedByAnotherStoreTest {
  private static final String REGIONS =
      """
      store: regions
      entrypoint: shop.regions_v
      lease: 40ms
      key: [day, region]
      anchor: day
      forbidden:
        - {pattern: shop.returns_v, reason: label}
      gates:
        forbidden-dependency: {}
        sla-leakage: {flag: known, prefixes: [secret__]}
      """;

  @TempDir private Path folder;
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
    shop.sql(
        "CREATE VIEW shop.regions_v AS SELECT day, region, total, total < 400 AS known,"
            + " CASE WHEN total < 400 THEN 1 END AS secret__rank FROM shop.daily_mv");
    shop.expectOk("init", Shop.file("regions.yaml", REGIONS).toString());
    shop.expectOk("certify", "regions");
  }

  private String closeRegions() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE VIEW shop.regions_v AS SELECT day, region, total, total < 400 AS known,"
            + " CASE WHEN total < 400 THEN 1 END AS secret__rank FROM shop.daily_mv"
            + " WHERE EXISTS (SELECT FROM shop.returns_v)");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    return shop.ask("SELECT max(run_id) FROM audit.run");
  }

  @Test
  void explainNamesTheRunTheGateThePathAndWhatToDo() throws SQLException {
    String run = closeRegions();
    assertThat(shop.expectOk("explain", "regions").out())
        .containsSubsequence(
            "run " + run + " of store shop, which acted for regions, too: certified",
            "regions is FAILED since, gate forbidden-dependency",
            "forbidden-dependency: ",
            "shop.regions_v → shop.returns_v",
            "What to do:",
            "To open it again, when that is done: refresher run regions");
    Map<String, Object> json = shop.expectOk("explain", "regions", "--json").json();
    assertThat(JsonSchema.of(Path.of("output.schema.json")).complaints(json)).isEmpty();
    assertThat(json).containsEntry("store", "regions").containsEntry("run_of", "shop");
    assertThat(String.valueOf(json.get("findings"))).contains("store=regions");
    assertThat(shop.expectOk("explain", run).out())
        .contains("time-of-query: ", "forbidden-dependency of store regions: ");
  }

  @Test
  void statusNamesTheRunThatClosedIt() throws SQLException {
    String run = closeRegions();
    Cli.Result status = shop.cli().run("status", "regions");
    assertThat(status.out())
        .contains(
            "FAILED, gate forbidden-dependency, by run "
                + run
                + " of store shop. Run: refresher explain regions");
    assertThat(shop.expectOk("status", "shop").out()).doesNotContain("of store");
  }

  @Test
  void graphMetricsAndPageShowEachStoreItsOwnFindings() throws Exception {
    String run = closeRegions();
    assertThat(shop.expectOk("graph", "regions").out())
        .contains(
            "shop.returns_v  view, live <- FAILED forbidden-dependency",
            "in run " + run + " of store shop");
    assertThat(shop.expectOk("graph", "shop").out()).doesNotContain("FAILED");
    Path metrics = folder.resolve("metrics.prom");
    Path page = folder.resolve("status.html");
    shop.cli().run("status", "--metrics", metrics.toString(), "--html", page.toString());
    assertThat(Files.readString(metrics))
        .contains(
            "guarded_gate_findings{store=\"regions\",gate=\"forbidden-dependency\",severity=\"block\"} 1",
            "guarded_gate_findings{store=\"shop\",gate=\"forbidden-dependency\",severity=\"block\"} 0");
    assertThat(Files.readString(page))
        .contains("of store shop, which acted for regions, too", "shop.regions_v → shop.returns_v");
  }

  @Test
  void whatAnotherStoresRunFoundAndRolledBackIsExplainedToo() throws SQLException {
    shop.sql(
        "UPDATE audit.gate_setting SET settings = '{\"flag\": \"known\", \"prefixes\": [\"total\"]}' WHERE store = 'regions' AND gate = 'sla-leakage'");
    shop.sql(
        "INSERT INTO shop.orders SELECT 'Z-' || n, 'r1', '2026-03-20 12:00Z', 999, NULL, NULL FROM generate_series(1, 5) n");
    for (String way : new String[] {"command", "procedure"}) {
      if (way.equals("command")) {
        assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
      } else {
        shop.sql("CALL audit.refresh_and_certify_shop(false)");
      }
      String run = shop.ask("SELECT max(run_id) FROM audit.run");
      assertThat(shop.expectOk("explain", "regions").out())
          .contains("run " + run + " of store shop", "sla-leakage: ")
          .doesNotContain("since", "time-of-query");
      assertThat(shop.expectOk("explain", "shop").out()).contains("sla-leakage of store regions: ");
      assertThat(shop.expectOk("graph", "shop").out()).doesNotContain("FAILED sla-leakage");
    }
    shop.sql(
        "ALTER TABLE audit.t0_cert_registry DISABLE TRIGGER zz_guard_certificate_id;"
            + "UPDATE audit.t0_cert_registry SET certified_at = certified_at - interval '25 hours';"
            + "ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER zz_guard_certificate_id");
    assertThat(
            shop.cli()
                .run("extend", "regions", "--for", "1h", "--reviewer", "ada", "--reason", "dead")
                .err())
        .contains("a gate has failed since");
  }
}
