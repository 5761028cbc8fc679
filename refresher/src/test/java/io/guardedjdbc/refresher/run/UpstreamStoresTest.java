package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A store that reads the entrypoint of another is certified only with that one. */
@Tag("postgres14")
class UpstreamStoresTest {
  private static final String DOWN =
      """
      store: down
      entrypoint: shop.down_v
      lease: 40ms
      key: order_no
      anchor: placed_at
      gates:
        key-unique: {}
      """;

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
    shop.sql("CREATE VIEW shop.down_v AS SELECT order_no, placed_at, rate FROM shop.features_v");
    shop.expectOk("init", Shop.file("down.yaml", DOWN).toString());
  }

  private String status(String entrypoint) throws SQLException {
    return shop.ask(
        "SELECT status FROM audit.t0_cert_registry WHERE entrypoint = '" + entrypoint + "'");
  }

  private void failUpstream() throws SQLException {
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'FAILED' WHERE entrypoint = 'shop.features_v'");
  }

  /** What a command that finds a store not certified writes to stderr. */
  private String failing(String... command) {
    Cli.Result result = shop.cli().run(command);
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    return result.err();
  }

  private void bothClosed() throws SQLException {
    assertThat(status("shop.features_v")).isEqualTo("FAILED");
    assertThat(status("shop.down_v")).isEqualTo("REVOKED");
  }

  @Test
  void isNotCertifiedWhileTheOtherIsNot() throws SQLException {
    failUpstream();
    String line =
        "store down reads shop.features_v of store shop (FAILED), which is not certified. Run: refresher run shop";
    for (List<String> command :
        List.of(
            List.of("run", "down"),
            List.of("run", "down", "--mode", "staged"),
            List.of("certify", "down"))) {
      assertThat(failing(command.toArray(new String[0]))).contains("Not certified: " + line);
      assertThat(status("shop.down_v")).as("%s", command).isEmpty();
    }
    shop.sql("CALL audit.run_t0_cert_down()");
    assertThat(status("shop.down_v")).isEmpty();
    assertThatThrownBy(() -> shop.sql("CALL audit.refresh_and_certify_down(true)"))
        .hasMessageContaining(line);
    assertThat(status("shop.down_v")).isEmpty();
  }

  @Test
  void planNamesTheCertificateThatItNeeds() throws SQLException {
    assertThat(shop.expectOk("plan", "down").out())
        .contains("needs the certificate of shop.features_v of store shop\n");
    failUpstream();
    assertThat(shop.expectOk("plan", "down").out())
        .contains("of store shop, which has none now (FAILED). Run: refresher run shop");
    assertThat(String.valueOf(shop.expectOk("plan", "down", "--json").json().get("upstream")))
        .contains("store=shop", "missing=FAILED");
    shop.sql(
        "UPDATE audit.t0_cert_registry SET status = 'CERTIFIED', certified_at = now() - interval '2 days'");
    assertThat(shop.expectOk("plan", "down").out()).contains("(TOO OLD)");
  }

  @Test
  void isCertifiedWithIt() throws SQLException {
    for (String mode : List.of("atomic", "staged")) {
      shop.expectOk("run", "down", "--mode", mode);
      shop.expectOk("run", "shop", "--mode", mode);
      assertThat(status("shop.features_v")).isEqualTo("CERTIFIED");
      assertThat(status("shop.down_v")).isEqualTo("CERTIFIED");
    }
    shop.expectOk("certify", "down");
    shop.sql("CALL audit.refresh_and_certify_down(true)");
    shop.sql("CALL audit.refresh_and_certify_shop(true)");
    assertThat(status("shop.down_v")).isEqualTo("CERTIFIED");
  }

  @Test
  void losesItsCertificateWithIt() throws SQLException {
    shop.expectOk("run", "down");
    failUpstream();
    failing("run", "down");
    assertThat(status("shop.down_v")).isEqualTo("REVOKED");
    assertThat(
            shop.ask("SELECT notes FROM audit.t0_cert_registry WHERE entrypoint = 'shop.down_v'"))
        .contains("reads shop.features_v of store shop (FAILED)");
    shop.expectOk("run", "shop");
    shop.expectOk("run", "down");
    assertThat(status("shop.down_v")).isEqualTo("CERTIFIED");
  }

  @Test
  void goesWithTheOthersDefinitions() throws SQLException {
    shop.expectOk("run", "down");
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(code)'");
    failing("run", "down");
    bothClosed();
  }

  @Test
  void goesWithTheOthersRowsInAStagedRun() throws SQLException {
    shop.expectOk("run", "down");
    shop.sql(
        "UPDATE audit.gate_setting SET settings = '{\"flag\": \"in_time\", \"prefixes\": [\"amount\"]}' WHERE store = 'shop' AND gate = 'sla-leakage'");
    failing("run", "shop", "--mode", "staged");
    bothClosed();
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'REFRESHING'");
    assertThat(failing("run", "down", "--mode", "staged"))
        .contains("Not certified: store down reads shop.features_v");
    assertThat(status("shop.down_v")).isEqualTo("REVOKED");
  }

  @Test
  void theStepsBetweenTheOthersViewsAreDoneToo() throws SQLException {
    String rates =
        "SELECT (SELECT string_agg(region || '=' || rate, ',' ORDER BY region) FROM shop.rates)"
            + " = (SELECT string_agg(region || '=' || r, ',' ORDER BY region) FROM (SELECT region, round(avg(total), 4) AS r"
            + " FROM shop.daily_mv WHERE day < '2026-02-01' GROUP BY region) q)";
    shop.sql("DELETE FROM audit.gate_setting WHERE gate = 'dataset-hash'");
    for (String way : List.of("atomic", "staged", "procedure")) {
      shop.sql(
          "INSERT INTO shop.orders SELECT '"
              + way
              + "-' || n, 'r1', '2026-01-05 12:00Z', 9999, NULL, NULL FROM generate_series(1, 9) n");
      if (way.equals("procedure")) {
        shop.sql("CALL audit.refresh_and_certify_down(true)");
      } else {
        shop.expectOk("run", "down", "--mode", way);
      }
      assertThat(shop.ask(rates)).as(way).isEqualTo("t");
      assertThat(shop.ask("SELECT count(DISTINCT run_id) FROM audit.t0_cert_registry"))
          .isEqualTo("1");
    }
    assertThat(shop.expectOk("plan", "down").out()).contains("shop/rebuild-rates");
    String step =
        Shop.resource("shop/shop.yaml")
            .replaceAll("(?s).*sql_steps:", "sql_steps:")
            .replace("rebuild-rates", "my-rates");
    shop.expectOk("init", Shop.file("down.yaml", DOWN + step).toString());
    assertThat(shop.expectOk("plan", "down").out())
        .contains("my-rates")
        .doesNotContain("rebuild-rates");
  }
}
