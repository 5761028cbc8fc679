package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.JsonSchema;
import io.guardedjdbc.refresher.testing.Shop;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A configuration that demands less than before is shown: by what writes it, and by status. */
@Tag("postgres14")
class LooserTest {
  private static final String STRICT =
      Shop.resource("shop/shop.yaml")
          .replace("lease: 10s", "lease: 40ms\nmax_data_age: 30h\naliases: [shop.train_v]")
          .replace("forbidden:\n", "forbidden:\n  - {pattern: shop.other_*, reason: x}\n")
          .replace("prefixes: [late__]", "prefixes: [late__, much__]")
          .replace(
              "  time-of-query: {}\n",
              """
                time-of-query: {}
                row-count: {min: 100, max: 1000, max_drop_percent: 5}
                as-of-window: {column: placed_at, within: 24h, anchor: placed_at}
                freshness-of-input:
                  inputs: [{relation: shop.orders, column: placed_at, max_age: 90d}]
                sql:
                  checks:
                    - {name: no free order, query: SELECT 1 FROM shop.orders WHERE amount = 0}
                    - {name: no gift, query: SELECT 1 FROM shop.orders WHERE amount < 0}
              """);

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
    init(STRICT);
    shop.sql(
        "UPDATE audit.t0_cert_registry SET notes = notes; "
            + "ALTER TABLE audit.t0_cert_registry DISABLE TRIGGER zz_guard_certificate_id;"
            + "UPDATE audit.t0_cert_registry SET policy_digest = (SELECT config_digest FROM audit.entrypoint_policy);"
            + "ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER zz_guard_certificate_id");
  }

  private String init(String yaml) {
    return shop.expectOk("init", Shop.file("shop.yaml", yaml).toString()).out();
  }

  private void expect(String from, String to, String... lines) {
    assertThat(STRICT).contains(from);
    String out = init(STRICT.replace(from, to));
    for (String line : lines) {
      assertThat(out).contains("looser than before: " + line);
    }
    assertThat(init(STRICT)).as("the way back is stricter").doesNotContain("looser");
  }

  @Test
  void everythingThatLoosensIsNamedAndTheWayBackIsNot() {
    expect("max_age: 24h", "max_age: 48h", "max_age is PT48H, was PT24H");
    expect("warn_age: 20h", "warn_age: 22h", "warn_age is PT22H, was PT20H");
    expect("warn_age: 20h\n", "", "warn_age is not set, was PT20H");
    expect("max_data_age: 30h\n", "", "max_data_age is not set, was PT30H");
    expect("lease: 40ms", "lease: 20s", "lease is PT20S, was PT0.04S");
    expect(
        "aliases: [shop.train_v]",
        "aliases: [shop.train_v, shop.more_v]",
        "shop.more_v is an alias now");
    expect("aliases: [shop.train_v]\n", "", "any view on top of the entrypoint is an alias");
    expect("  - {pattern: shop.other_*, reason: x}\n", "", "shop.other_* is no longer forbidden");
    expect("  time-of-query: {}\n", "", "gate time-of-query is no longer run");
    expect(
        "  time-of-query: {}",
        "  time-of-query: {severity: warn}",
        "gate time-of-query only warns now");
    expect(
        "  time-of-query: {}",
        "  time-of-query: {allow: [{function: shop.region_name, reason: x}]}",
        "gate time-of-query: allow holds shop.region_name now");
    expect("min: 100", "min: 10", "gate row-count: min is 10, was 100");
    expect("min: 100, ", "", "gate row-count: min is not set, was 100");
    expect("max: 1000", "max: 1001", "gate row-count: max is 1001, was 1000");
    expect(", max_drop_percent: 5", "", "gate row-count: max_drop_percent is not set, was 5");
    expect("within: 24h", "within: 25h", "gate as-of-window: within is PT25H, was PT24H");
    expect(
        "max_age: 90d",
        "max_age: 91d",
        "gate freshness-of-input: inputs no longer hold shop.orders as before");
    expect(
        "      - {name: no gift, query: SELECT 1 FROM shop.orders WHERE amount < 0}\n",
        "",
        "gate sql: checks no longer hold no gift as before");
    expect(
        "prefixes: [late__, much__]",
        "prefixes: [late__]",
        "gate sla-leakage: prefixes no longer hold much__ as before");
    expect(
        "lease: 40ms",
        "lease: 40ms\nclosure: allow\nsafe_functions: [{pattern: a.f, reason: x}]\ninputs: [{pattern: a.i_mv, reason: x}]",
        "parts of the closure may be read by themselves",
        "safe_functions holds a.f now",
        "inputs holds a.i_mv now");
  }

  @Test
  void statusShowsItUntilACertificateGoesByIt() throws SQLException {
    assertThat(shop.expectOk("status").out()).doesNotContain("onfiguration");
    init(STRICT.replace("warn_age: 20h", "warn_age: 19h"));
    assertThat(shop.expectOk("status").out())
        .contains("the configuration was changed at 20", "after the last certificate")
        .doesNotContain("looser");
    String loose =
        STRICT.replace("max_age: 24h", "max_age: 48h").replace("  time-of-query: {}\n", "");
    init(loose);
    assertThat(shop.expectOk("status").out())
        .contains(
            "looser than at the last certificate: max_age is PT48H, was PT24H",
            "looser than at the last certificate: gate time-of-query is no longer run");
    Map<String, Object> json = shop.expectOk("status", "--json").json();
    assertThat(JsonSchema.of(Path.of("output.schema.json")).complaints(json)).isEmpty();
    assertThat(json.toString()).contains("kind=configuration");
    shop.sql(
        "UPDATE audit.gate_setting SET settings = '{\"min\": 1}' WHERE gate = 'row-count';"
            + " DELETE FROM audit.gate_setting WHERE gate = 'sql';"
            + " INSERT INTO audit.gate_setting (store, gate, settings) VALUES ('shop', 'embargo', '{}');"
            + " DELETE FROM audit.relation_rule WHERE rule = 'forbidden' AND pattern LIKE '%other%';"
            + " UPDATE audit.entrypoint_policy SET max_age = '9 days'");
    assertThat(shop.expectOk("status").out())
        .contains(
            "embargo is not as the configuration says, somebody changed it in the database",
            "gate row-count is not as the configuration says",
            "gate sql is not as the configuration says",
            "forbidden is not as the configuration says",
            "max_age is not as the configuration says")
        .doesNotContain(
            "refused is not as", "time_zone is not as", "lease is not as", "gate as-of-window is");
    String byHand = "gate row-count is not as the configuration says";
    assertThat(shop.cli().run("plan", "shop").out()).contains(byHand);
    assertThat(shop.cli().run("run", "shop").out()).contains(byHand);
    String same = Shop.file("shop.yaml", loose).toString();
    assertThat(shop.cli().run("plan", same).out())
        .contains("one transaction")
        .doesNotContain(byHand);
    assertThat(shop.cli().run("run", same).out())
        .contains("configuration of shop written into the database")
        .doesNotContain(byHand);
    assertThat(shop.expectOk("status").out()).doesNotContain("is not as the configuration");
    init(Shop.resource("shop/shop.yaml"));
    shop.expectOk("run", "shop");
    assertThat(shop.expectOk("status").out()).doesNotContain("onfiguration", "looser");
  }
}
