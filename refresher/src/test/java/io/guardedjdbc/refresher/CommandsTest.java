package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What each verb prints and writes, as text and as JSON. */
@Tag("postgres14")
class CommandsTest {
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void initCanBeRepeatedAndSaysWhatItDid() throws SQLException {
    Shop bare = Shop.bare();
    String yaml = Shop.yaml().toString();
    assertThat(bare.expectOk("init", yaml).out())
        .contains("audit schema: applied V1__", "store shop: new, entrypoint shop.features_v");
    assertThat(bare.expectOk("init", yaml).out())
        .contains("audit schema: up to date", "store shop: unchanged");
    assertThat(bare.ask("SELECT count(*) > 3 FROM audit.guard_schema_history")).isEqualTo("t");
  }

  @Test
  void defaultsOfADatabaseThatChangeHowTextsAreReadAndWrittenDoNoHarm() throws SQLException {
    Shop odd = Shop.bare();
    for (String setting :
        List.of(
            "standard_conforming_strings = off",
            "quote_all_identifiers = on",
            "default_transaction_read_only = on",
            "default_transaction_isolation = serializable",
            "idle_in_transaction_session_timeout = 50")) {
      shop.sql("ALTER DATABASE " + odd.database() + " SET " + setting);
    }
    odd.expectOk("init", Shop.yaml().toString());
    odd.approve();
    for (String line :
        List.of(
            "plan shop",
            "seal shop",
            "run shop",
            "certify shop",
            "status",
            "explain shop",
            "graph shop",
            "doctor",
            "baseline propose shop")) {
      odd.expectOk(line.split(" "));
    }
    assertThat(odd.expectOk("plan", "shop").out()).contains("shop.orders_mv");
  }

  @Test
  void aDryRunPrintsTheSqlAndChangesNothing() throws SQLException {
    Shop bare = Shop.bare();
    Cli.Result result = bare.expectOk("init", "--dry-run", Shop.yaml().toString());
    assertThat(result.out()).contains("CREATE SCHEMA IF NOT EXISTS audit", "Nothing was changed");
    assertThat(bare.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'audit'"))
        .isEqualTo("0");
  }

  @Test
  void initTakesInADatabaseThatRunsTheRunbooksSystem() throws SQLException {
    Shop bare = Shop.bare();
    bare.sql(
        "CREATE SCHEMA audit; CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL,"
            + " certified_at timestamptz DEFAULT now(), viewdef_objects int, dataset_days int, notes text);"
            + "INSERT INTO audit.t0_cert_registry VALUES ('shop.features_v', 'CERTIFIED', now(), 3, 5, 'the old way')");
    bare.expectOk("init", Shop.yaml().toString());
    assertThat(bare.ask("SELECT notes || ' ' || lease FROM audit.t0_cert_registry"))
        .isEqualTo("the old way 00:00:00");
    assertThat(bare.expectOk("status").out()).contains("CERTIFIED", "shop");
  }

  @Test
  void aPlanOfAFileIsOfTheFileAndWritesNothing() throws SQLException {
    String yaml =
        Shop.resource("shop/shop.yaml").replace("  time-of-query: {}\n", "") + "publish: staged\n";
    String file = Shop.file("shop.yaml", yaml).toString();
    String config = "SELECT config_digest FROM audit.entrypoint_policy";
    String before = shop.ask(config);
    assertThat(shop.expectOk("plan", file).out())
        .contains(
            "looser than before: gate time-of-query is no longer run",
            "To do it: refresher run " + file)
        .doesNotContain("no function of the closure");
    assertThat(shop.expectOk("plan", file, "--json").json())
        .containsEntry("configuration", "changed")
        .containsEntry("mode", "staged");
    assertThat(shop.ask(config)).isEqualTo(before);
    assertThat(shop.expectOk("plan", "shop", "--json").json()).containsEntry("mode", "atomic");
  }

  @Test
  void planShowsTheOrderAndChangesNothing() throws SQLException {
    String runs = shop.ask("SELECT count(*) FROM audit.run");
    String out = shop.expectOk("plan", "shop").out();
    assertThat(out)
        .containsSubsequence(
            "shop.daily_mv",
            "rebuild-rates",
            "after shop.daily_mv",
            "shop.orders_mv",
            "after rebuild-rates")
        .contains("Nothing was changed", "--transaction-timeout")
        .containsPattern("shop\\.orders_mv +concurrently +\\d+(\\.\\d)? m?s +[\\d,]+ rows")
        .doesNotContain("note: ");
    assertThat(shop.ask("SELECT count(*) FROM audit.run")).isEqualTo(runs);
    Map<String, Object> json = shop.expectOk("plan", "shop", "--json").json();
    assertThat(json)
        .containsKeys(
            "command", "exit_code", "store", "entrypoint", "mode", "steps", "gates", "touched");
  }

  @Test
  void planAndRunSayWhatIsInTheWay() throws SQLException {
    shop.sql(
        "CREATE VIEW shop.guarded_v AS SELECT * FROM shop.features_v WHERE audit.cert_guard('shop.features_v', interval '1 day');"
            + "ALTER FUNCTION audit.cert_guard(text, interval) VOLATILE");
    try (Connection other = shop.connect();
        Statement statement = other.createStatement()) {
      statement.execute("SET application_name = 'migration'");
      other.setAutoCommit(false);
      statement.execute("UPDATE shop.orders SET score = score");
      statement.execute("LOCK TABLE shop.rates IN ACCESS EXCLUSIVE MODE");
      assertThat(shop.expectOk("plan", "shop").out())
          .contains(", migration holds AccessExclusiveLock on shop.rates")
          .contains("note: audit.cert_guard(text,interval) is VOLATILE")
          .doesNotContain("shop.orders\n", "below the entrypoint");
      other.rollback();
    }
    assertThat(shop.expectOk("run", "shop").out())
        .contains("cert_guard(text,interval) is VOLATILE");
  }

  @Test
  void aGuardBelowTheEntrypointIsNamedBeforeItClosesTheStoreForGood() throws SQLException {
    shop.sql(
        "ALTER VIEW shop.features_v RENAME TO inner_v;"
            + "CREATE VIEW shop.features_v AS SELECT * FROM shop.inner_v WHERE audit.cert_guard('shop.features_v', interval '1 day')");
    assertThat(String.valueOf(shop.expectOk("plan", "shop", "--json").json().get("remarks")))
        .contains("is called below the entrypoint (shop.features_v → audit.cert_guard");
  }

  @Test
  void statusOfACertifiedStore() {
    String out = shop.expectOk("status").out();
    assertThat(out)
        .startsWith("CERTIFIED")
        .contains("shop.features_v", "age ", "of 24 h", "last run 1 certified");
    assertThat(shop.expectOk("status", "--quiet").out()).isEmpty();
  }

  @Test
  void statusOfAStoreThatAgedOut() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET certified_at = now() - interval '25 hours'");
    Cli.Result result = shop.cli().run("status", "shop");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).startsWith("TOO OLD").contains("25 h", "Run: refresher run shop");
    assertThat(shop.cli().run("status", "--quiet").out()).startsWith("TOO OLD");
    shop.sql("UPDATE audit.t0_cert_registry SET certified_at = now() - interval '21 hours'");
    assertThat(shop.expectOk("status").out()).startsWith("AGING");
  }

  @Test
  void statusOfAClosedStoreNamesTheGate() throws SQLException {
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'FAILED', failed_gate = 'dataset-hash'");
    Cli.Result result = shop.cli().run("status");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out())
        .startsWith("CLOSED")
        .contains("gate dataset-hash", "Run: refresher explain shop");
  }

  @Test
  void statusAsJsonHasStableFields() {
    Map<String, Object> json = shop.expectOk("status", "--json").json();
    assertThat(first(json, "stores"))
        .containsOnlyKeys(
            "store",
            "entrypoint",
            "verdict",
            "status",
            "certificate_id",
            "certified_at",
            "age_ms",
            "max_age_ms",
            "data_age_ms",
            "max_data_age_ms",
            "failed_gate",
            "last_run",
            "closed_by",
            "remarks",
            "exit_code")
        .containsEntry("verdict", "certified")
        .containsEntry("max_age_ms", 86_400_000);
  }

  @Test
  void runAsJsonIsOneDocumentWithStableFields() throws SQLException {
    Cli.Result result = shop.expectOk("run", "shop", "--json");
    Map<String, Object> json = result.json();
    assertThat(json)
        .containsOnlyKeys("command", "exit_code", "stores")
        .containsEntry("command", "run")
        .containsEntry("exit_code", 0);
    Map<String, Object> run = first(json, "stores");
    assertThat(run)
        .containsOnlyKeys(
            "store",
            "entrypoint",
            "run_id",
            "mode",
            "outcome",
            "exit_code",
            "duration_ms",
            "certificates",
            "closed",
            "standing",
            "steps",
            "gates",
            "error")
        .containsEntry("outcome", "certified");
    assertThat(first(run, "certificates"))
        .containsOnlyKeys("store", "entrypoint", "certificate_id", "certified_at");
    assertThat(first(run, "steps"))
        .containsOnlyKeys("kind", "object", "outcome", "rows", "detail", "duration_ms");
    assertThat(first(run, "gates"))
        .containsOnlyKeys("store", "gate", "kind", "outcome", "checked", "duration_ms", "findings");
    shop.sql(
        "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)");
    Map<String, Object> failed = first(shop.cli().run("run", "shop", "--json").json(), "stores");
    assertThat(failed).containsEntry("outcome", "failed").containsEntry("exit_code", 1);
    assertThat(String.valueOf(failed.get("gates")))
        .contains("next_command=refresher baseline propose shop", "severity=block");
  }

  @Test
  void aFailureAsJsonIsOneDocumentToo() {
    Cli.Result result = shop.cli().run("plan", "nope", "--json");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.json()).containsEntry("exit_code", 2);
    assertThat(String.valueOf(result.json().get("error"))).contains("Unknown store 'nope'");
    assertThat(shop.cli().run("run", "nope", "--json").json().toString())
        .contains("outcome=not begun");
  }

  @Test
  void aStoreThatIsNamedTwiceIsRunOnceByItsFile() throws SQLException {
    String yaml = Shop.resource("shop/shop.yaml");
    String file = Shop.file("shop.yaml", yaml.replace("lease: 10s", "lease: 50ms")).toString();
    String same = Shop.file("shop.yaml", yaml.replace("lease: 10s", "lease: 50ms")).toString();
    Map<String, Object> json =
        shop.expectOk("run", "shop", file, "shop.features_v", same, "--json").json();
    assertThat((List<?>) json.get("stores")).hasSize(1);
    assertThat(shop.ask("SELECT lease FROM audit.t0_cert_registry")).isEqualTo("00:00:00.05");
    json = shop.expectOk("certify", "shop.features_v", "shop", "--json").json();
    assertThat((List<?>) json.get("stores")).hasSize(1);
    String runs = shop.ask("SELECT count(*) FROM audit.run");
    String other = Shop.file("shop.yaml", yaml).toString();
    for (String verb : List.of("run", "init")) {
      Cli.Result result = shop.cli().run(verb, file, other);
      assertThat(result.exit()).as(result.toString()).isEqualTo(2);
      assertThat(result.err())
          .contains(file + " and " + other + " are both of store shop, and differ");
    }
    assertThat(shop.ask("SELECT count(*) FROM audit.run")).isEqualTo(runs);
  }

  @Test
  void quietSaysNothingWhenAllIsWellAndAllWhenItIsNot() throws SQLException {
    Cli.Result good = shop.expectOk("run", "shop", "-q");
    assertThat(good.out() + good.err()).isEmpty();
    shop.sql(
        "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)");
    Cli.Result bad = shop.cli().run("run", "shop", "-q");
    assertThat(bad.exit()).isEqualTo(1);
    assertThat(bad.out()).contains("dataset-hash", "What to do");
  }

  @Test
  void aNewBaselineIsProposedWithItsDifferenceAndApprovedWithItsReviewer() throws SQLException {
    shop.sql(
        "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    shop.sql("REFRESH MATERIALIZED VIEW shop.daily_mv; REFRESH MATERIALIZED VIEW shop.orders_mv");
    Cli.Result proposed = shop.expectOk("baseline", "propose", "shop");
    assertThat(proposed.out()).contains("dataset, 3 days, 1 changed", "changed 2026-");
    assertThat(shop.cli().run("baseline", "approve", "1").exit()).isEqualTo(2);
    shop.approve();
    assertThat(
            shop.ask(
                "SELECT count(*) FROM audit.baseline WHERE status = 'approved' AND reviewer = 'test'"))
        .isEqualTo("2");
    shop.expectOk("run", "shop");
  }

  @Test
  void everyGateIsExplainedInTheWordsOfTheRunbook() {
    Map<String, String> classes =
        Map.of(
            "forbidden-dependency", "Forbidden deps present",
            "time-of-query", "Time-of-query tokens detected",
            "sla-leakage", "SLA leakage",
            "dataset-hash", "Dataset hash drift",
            "definition-drift", "Viewdef drift");
    classes.forEach(
        (gate, name) ->
            assertThat(shop.expectOk("explain", gate).out()).contains(name, "What to do:"));
  }

  @Test
  void helpListsTheExitCodesAsTheyAre() {
    Cli.Result help = shop.expectOk("--help");
    assertThat(help.out()).contains("init", "run", "certify", "status", "baseline");
    for (ExitCode code : ExitCode.values()) {
      assertThat(help.out()).contains(String.valueOf(code.code()));
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> first(Map<String, Object> json, String key) {
    return ((List<Map<String, Object>>) Objects.requireNonNull(json.get(key))).get(0);
  }
}
