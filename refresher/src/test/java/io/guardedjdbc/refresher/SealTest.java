package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.refresher.run.RunResult;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seal: what breaks it, in the same transaction, and what does not. */
@Tag("postgres14")
class SealTest {
  private static final String STATUS =
      "SELECT status || coalesce(' ' || notes, '') FROM audit.t0_cert_registry";

  private static Shop shop;

  @BeforeAll
  static void build() throws SQLException {
    shop = Shop.withBriefLeases();
    shop.sql(
        "CREATE FUNCTION shop.shout(code text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(code)';"
            + "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT shop.shout(code)';"
            + "CREATE TABLE shop.pin (n int); INSERT INTO shop.pin VALUES (1);"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at,"
            + " day, amount, rate, day_total, in_time, late__score, (SELECT max(n) FROM shop.pin) AS pin FROM shop.orders_mv");
    shop.approve();
    shop.expectOk("seal", "shop.features_v");
    shop.expectOk("run", "shop");
  }

  /** What a run has judged is not what it would open. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE audit.t0_cert_registry SET status = 'FAILED'",
        "DELETE FROM audit.t0_cert_registry"
      })
  void aChangeBehindTheGatesOfARunIsNoticedWhereTheStoreWasClosed(String closing)
      throws SQLException {
    shop.sql(closing);
    RunResult result = Hook.run(shop, "publish", () -> shop.sql("UPDATE shop.pin SET n = n"));
    assertThat(result.outcome()).as(result.toString()).isEqualTo(RunResult.Outcome.ERROR);
    assertThat(shop.ask(STATUS)).doesNotContain("CERTIFIED");
    shop.expectOk("run", "shop");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REFRESH MATERIALIZED VIEW shop.daily_mv",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY shop.orders_mv",
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at,"
            + " day, (amount + 1)::numeric(12, 2) AS amount, rate, day_total, in_time, late__score, 1 AS pin FROM shop.orders_mv",
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT code $$",
        "DROP VIEW shop.features_v",
        "DROP FUNCTION shop.shout(text)",
        "ALTER MATERIALIZED VIEW shop.orders_mv RENAME TO other_mv",
        "ALTER SCHEMA shop RENAME TO store",
        "INSERT INTO shop.pin VALUES (2)",
        "UPDATE shop.pin SET n = 2",
        "DELETE FROM shop.pin",
        "TRUNCATE shop.pin",
        "SET session_replication_role = replica; UPDATE shop.pin SET n = 2",
        "DELETE FROM shop.rates",
        "ALTER TABLE shop.pin DISABLE TRIGGER ALL",
        "DROP TRIGGER zz_guard_seal_update ON shop.pin"
      })
  void revokesInTheSameTransactionAndIsRolledBackWithIt(String change) throws SQLException {
    String before = shop.registry();
    try (Connection connection = shop.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // the table that the step writes lies behind a materialized view: its rows are not read live
      boolean behind = change.contains("shop.rates");
      statement.execute(change);
      assertThat(Shop.ask(connection, STATUS))
          .startsWith(behind ? "CERTIFIED" : "REVOKED seal broken: ");
      connection.rollback();
    }
    assertThat(shop.registry()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMENT ON VIEW shop.features_v IS 'x'",
        "GRANT SELECT ON shop.features_v TO PUBLIC",
        "CREATE TEMPORARY TABLE t AS SELECT * FROM shop.features_v",
        "CREATE VIEW shop.other_v AS SELECT * FROM shop.features_v",
        "DELETE FROM shop.pin WHERE n > 100",
        "UPDATE shop.orders SET amount = 1",
        "ANALYZE shop.orders_mv",
        "CREATE INDEX ON shop.pin (n)",
        "DROP VIEW shop.returns_v"
      })
  void isNotBrokenByWhatChangesNeitherRowsNorCode(String change) throws SQLException {
    try (Connection connection = shop.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(change);
      assertThat(Shop.ask(connection, STATUS)).startsWith("CERTIFIED");
      connection.rollback();
    }
  }

  @Test
  void knowsTheRefresherAndSaysWhoBrokeIt() throws SQLException {
    shop.expectOk("run", "shop");
    shop.expectOk("run", "shop.features_v");
    shop.expectOk("run", "shop", "--mode", "staged");
    assertThat(shop.registry()).startsWith("CERTIFIED");
    shop.sql("REFRESH MATERIALIZED VIEW shop.daily_mv");
    Cli.Result status = shop.cli().run("status", "shop.features_v");
    assertThat(status.exit()).isEqualTo(1);
    assertThat(status.out())
        .contains(
            "REVOKED, seal broken: REFRESH MATERIALIZED VIEW of shop.daily_mv by postgres",
            "Run: refresher run shop",
            "sealed since");
    shop.expectOk("run", "shop");
    assertThat(shop.expectOk("doctor").out()).contains("ok       seal      shop: sealed");
  }

  @Test
  void aSettingImitatesNoRefresher() throws SQLException {
    try (Connection connection = shop.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET application_name = 'guarded-jdbc refresher shop'");
      // another backend's run, still running
      statement.execute(
          "INSERT INTO audit.run (store, mode, backend_pid, backend_start) VALUES ('shop', 'atomic', pg_backend_pid(), now() - interval '1 day')");
      statement.execute("UPDATE shop.pin SET n = 3");
      assertThat(Shop.ask(connection, STATUS)).startsWith("REVOKED");
      connection.rollback();
    }
  }

  /** Not a lease later: the seal's triggers count what is defined, and the driver asks them. */
  @Test
  void theDriverSeesAtOnceWhatIsDefinedElsewhere() throws SQLException {
    String url = Postgres.shared().url("jdbc:guarded:postgresql:", shop.database(), "postgres");
    try (Connection connection =
        Objects.requireNonNull(new GuardedDriver().connect(url, new Properties()))) {
      Shop.ask(connection, "SELECT count(*) FROM shop.pin p WHERE p.n IS NULL");
      shop.sql("CREATE VIEW shop.peek_v AS SELECT max(amount) FROM shop.orders_mv");
      assertThatThrownBy(() -> Shop.ask(connection, "SELECT * FROM shop.peek_v"))
          .hasMessageContaining("[RG201]");
      shop.sql(
          "CREATE FUNCTION shop.peek(shop.pin) RETURNS text LANGUAGE sql"
              + " AS 'SELECT max(amount)::text FROM shop.orders_mv'");
      assertThatThrownBy(() -> Shop.ask(connection, "SELECT p.peek FROM shop.pin p"))
          .hasMessageContaining("[RG201]");
      assertThat(Shop.ask(connection, "SELECT max(p.n) FROM shop.pin p")).isEqualTo("1");
    } finally {
      shop.sql("DROP VIEW IF EXISTS shop.peek_v; DROP FUNCTION IF EXISTS shop.peek(shop.pin)");
    }
  }

  @Test
  void doctorSeesATriggerThatIsOffAndRemoveTakesEverythingOff() throws SQLException {
    Shop other = Shop.withBriefLeases();
    other.expectOk("seal", "shop");
    other.sql("ALTER EVENT TRIGGER guard_seal_ddl DISABLE");
    Cli.Result doctor = other.cli().run("doctor", "--json");
    assertThat(doctor.exit()).isEqualTo(1);
    assertThat(doctor.out()).contains("event trigger guard_seal_ddl is not ENABLE ALWAYS");
    other.expectOk("seal", "shop");
    other.expectOk("doctor");
    other.expectOk("seal", "--remove", "shop");
    assertThat(
            other.ask(
                "SELECT (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'zz_guard_seal%')"))
        .isEqualTo("0");
    other.sql("REFRESH MATERIALIZED VIEW shop.daily_mv");
    assertThat(other.registry()).startsWith("CERTIFIED");
  }

  @Test
  void withoutThePrivilegeNothingChangesAndWhatIsNeededIsSaid() throws SQLException {
    Shop other = Shop.withBriefLeases();
    other.sql(
        "DROP ROLE IF EXISTS shop_keeper; CREATE ROLE shop_keeper LOGIN; GRANT CREATE, USAGE ON SCHEMA audit TO shop_keeper;"
            + "GRANT ALL ON ALL TABLES IN SCHEMA audit TO shop_keeper; GRANT ALL ON ALL FUNCTIONS IN SCHEMA audit TO shop_keeper");
    Cli.Result result =
        new Cli(Postgres.shared().url("jdbc:postgresql:", other.database(), "shop_keeper"))
            .run("seal", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(3);
    assertThat(result.err()).contains("Event triggers need a superuser", "Nothing was changed");
    assertThat(other.ask("SELECT count(*) FROM audit.seal")).isEqualTo("0");
    other.sql("DROP OWNED BY shop_keeper; DROP ROLE shop_keeper");
  }
}
