package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class SlaLeakageGateTest extends RolledBack {
  @Test
  void findsNothingWhereTheFlagGatesEveryColumn() throws SQLException {
    assertThat(database.gate("sla-leakage")).isEmpty();
  }

  @Test
  void reportsTheColumnTheCountAndExampleKeys() throws SQLException {
    entrypoint("b.sharpness AS img__sharpness, CASE WHEN b.\"in time\" THEN 1 END AS img__fine");
    assertThat(database.gate("sla-leakage"))
        .containsExactly(
            "block img__sharpness has a value in 120 rows outside of the SLA, e.g. (1,12), (1,24), (1,36), (1,48), (1,60)");
    assertThat(
            database.value(
                "SELECT (examples ->> 'rows') || (examples ->> 'column') FROM audit.gate_sla_leakage('shop')"))
        .isEqualTo("120img__sharpness");
  }

  @Test
  void aColumnThatLeaksOnlyInLateRowsHasItsExamplesToo() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, false AS \"in time\", 1 AS img__early,"
            + " CASE WHEN shop = 3 THEN 1 END AS img__late FROM shop.base_mv");
    assertThat(database.gate("sla-leakage"))
        .containsExactly(
            "block img__early has a value in 480 rows outside of the SLA, e.g. (1,3), (1,6), (1,9), (1,12), (1,15)",
            "block img__late has a value in 160 rows outside of the SLA, e.g. (3,2), (3,5), (3,8), (3,11), (3,14)");
  }

  @Test
  void theUnderscoresOfAPrefixAreLetters() throws SQLException {
    entrypoint("CASE WHEN b.\"in time\" THEN 1 END AS img__fine, 1 AS imgab_note, 1 AS img_x");
    assertThat(database.gate("sla-leakage")).isEmpty();
  }

  @Test
  void aRowWhoseFlagIsNullCountsAsOutside() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, NULL::boolean AS \"in time\", 1 AS img__x FROM shop.base_mv WHERE sale_id = 7");
    assertThat(database.gate("sla-leakage"))
        .containsExactly("block img__x has a value in 1 row outside of the SLA, e.g. (2,7)");
  }

  @Test
  void theFlagItselfMayCarryThePrefix() throws SQLException {
    settings("{\"flag\": \"img__ok\", \"prefixes\": [\"img__\"]}");
    entrypoint("b.\"in time\" AS img__ok, CASE WHEN b.\"in time\" THEN 1 END AS img__fine");
    assertThat(database.gate("sla-leakage")).isEmpty();
  }

  @Test
  void aPrefixWithoutColumnsHasCheckedNothing() throws SQLException {
    settings("{\"flag\": \"in time\", \"prefixes\": [\"img__\", \"dmg__\"]}");
    assertThat(database.gate("sla-leakage"))
        .containsExactly(
            "block the gate checked nothing for dmg__: shop.features_v has no column that starts so");
  }

  @Test
  void aMissingFlagMissingSettingsAndNoRowsAreFindings() throws SQLException {
    settings("{\"flag\": \"late\", \"prefixes\": [\"img__\"]}");
    assertThat(database.gate("sla-leakage"))
        .singleElement()
        .asString()
        .contains("has no boolean column late");
    settings("{}");
    assertThat(database.gate("sla-leakage")).singleElement().asString().contains("checked nothing");
    settings("{\"flag\": \"in time\", \"prefixes\": [\"img__\"]}");
    database.run("DELETE FROM shop.sale");
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    assertThat(database.gate("sla-leakage"))
        .containsExactly("block the gate checked nothing: shop.features_v has no row");
  }

  @Test
  void warnsOnlyWhereThePolicySaysSo() throws SQLException {
    entrypoint("b.sharpness AS img__sharpness");
    database.run("UPDATE audit.gate_setting SET severity = 'warn' WHERE gate = 'sla-leakage'");
    assertThat(database.gate("sla-leakage"))
        .singleElement()
        .asString()
        .startsWith("warn img__sharpness");
  }

  private void settings(String json) throws SQLException {
    database.run(
        "UPDATE audit.gate_setting SET settings = ?::jsonb WHERE gate = 'sla-leakage'", json);
  }

  private void entrypoint(String columns) throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, b.\"in time\", "
            + columns
            + " FROM shop.base_mv b");
  }
}
