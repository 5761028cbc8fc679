package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.Lineage;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Break-glass, and what it is not for. */
class ExtendTest {
  /** As time would: the writer is a run, so the digests of the certificate stay. */
  private static final String AGE_OUT =
      "ALTER TABLE audit.t0_cert_registry DISABLE TRIGGER zz_guard_certificate_id;"
          + "UPDATE audit.t0_cert_registry SET certified_at = certified_at - interval '25 hours';"
          + "ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER zz_guard_certificate_id";

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void aCertificateThatAgedOutStandsOnceMoreAndItsLineageSaysSo() throws Exception {
    shop.sql(AGE_OUT);
    assertThat(shop.cli().run("status").exit()).isEqualTo(1);
    Cli.Result extended = extend("6h");
    assertThat(extended.exit()).as(extended.toString()).isZero();
    assertThat(shop.expectOk("status").out())
        .contains("extended by ada until", "last run 1 certified");
    assertThat(
            shop.ask(
                "SELECT row_after ->> 'notes' FROM audit.certificate_history ORDER BY history_id DESC LIMIT 1"))
        .contains("extended by ada until", "cron host is dead");
    String url = Postgres.shared().url("jdbc:guarded:postgresql:", shop.database(), "postgres");
    try (Connection connection =
            Objects.requireNonNull(new GuardedDriver().connect(url, new Properties()));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM shop.features_v")) {
      assertThat(rows.next()).isTrue();
      assertThat(connection.unwrap(Lineage.class).text())
          .matches("shop\\.features_v=\\d+ \\(extended by ada\\)");
    }
    assertThat(shop.ask("SELECT audit.cert_guard('shop.features_v', interval '24 hours')"))
        .isEqualTo("t");
    expect(extend("6h"), 1, "it was extended already, by ada");
    shop.expectOk("run", "shop");
    assertThat(
            shop.ask("SELECT (extended_by IS NULL) || ' ' || max_age FROM audit.t0_cert_registry"))
        .isEqualTo("true 24:00:00");
  }

  @Test
  void nothingElseIsExtended() throws SQLException {
    expect(extend("6h"), 1, "it has not aged out");
    shop.sql(AGE_OUT);
    expect(extend("25h"), 2, "at most one maximum age of store shop: 24:00:00");
    expect(extend("0"), 2, "--for is '0'");
    shop.sql(
        "CREATE OR REPLACE VIEW shop.returns_v AS SELECT order_no, true AS returned FROM shop.orders");
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT code $$");
    expect(extend("6h"), 1, "definitions are not those that were certified");
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(code) $$");
    shop.sql("REFRESH MATERIALIZED VIEW shop.daily_mv");
    expect(extend("6h"), 1, "the storage of its views, is not what was certified");
    shop.sql("UPDATE audit.t0_cert_registry SET notes = 'by hand'");
    expect(extend("6h"), 1, "not certified by a run of the refresher");
    for (String status : new String[] {"FAILED", "REVOKED", "REFRESHING"}) {
      shop.sql("SELECT audit.revoke(NULL, 'shop.features_v', '" + status + "', 'x', 'y')");
      expect(extend("6h"), 1, "it is " + status);
    }
  }

  @Test
  void aRevocationEndsAnExtension() throws SQLException {
    shop.sql(AGE_OUT);
    assertThat(extend("6h").exit()).isZero();
    shop.sql("SELECT audit.revoke(NULL, 'shop.features_v', 'REVOKED', 'x', 'y')");
    assertThat(
            shop.ask(
                "SELECT coalesce(extended_by, '-') || coalesce(max_age::text, '-') FROM audit.t0_cert_registry"))
        .isEqualTo("--");
  }

  private Cli.Result extend(String span) {
    return shop.cli()
        .run(
            "extend",
            "shop",
            "--for",
            span,
            "--reviewer",
            "ada",
            "--reason",
            "the cron host is dead");
  }

  private static void expect(Cli.Result result, int exit, String... parts) {
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(result.err()).contains(parts);
  }
}
