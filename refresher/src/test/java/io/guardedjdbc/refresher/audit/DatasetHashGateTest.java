package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The last sale is of 2026-04-11, so the baseline days are 04-10, 04-01 and 03-12. */
@Tag("postgres14")
class DatasetHashGateTest extends RolledBack {
  @Test
  void passesUnchangedDays() throws SQLException {
    assertThat(database.list("SELECT day FROM audit.dataset_baseline ORDER BY day"))
        .containsExactly("2026-03-12", "2026-04-01", "2026-04-10");
    assertThat(database.gate("dataset-hash")).isEmpty();
  }

  @Test
  void namesDayColumnAndKeyWithOldAndNewValue() throws SQLException {
    database.run(
        "UPDATE shop.sale SET price = price + 100 WHERE (sold_at AT TIME ZONE 'UTC')::date = '2026-04-01'");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .containsExactly("block 2026-04-01: price in 5 rows, e.g. (1,432) price: 82.00 → 182.00");
    assertThat(
            database.value(
                "SELECT examples #>> '{columns,price}' FROM audit.gate_dataset_hash('shop')"))
        .isEqualTo("5");
  }

  @Test
  void keepsANullInTheExamples() throws SQLException {
    database.run("UPDATE shop.sale SET price = NULL WHERE sale_id = 432");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .containsExactly("block 2026-04-01: price in 1 row, e.g. (1,432) price: 82.00 → NULL");
    assertThat(
            database.value(
                "SELECT examples #> '{cells,0}' ->> 'old' || (examples #> '{cells,0,new}')::text FROM audit.gate_dataset_hash('shop')"))
        .isEqualTo("82.00null");
  }

  @Test
  void tellsADayThatVanishedRowsThatWentAndRowsThatCame() throws SQLException {
    database.run(
        "DELETE FROM shop.sale WHERE (sold_at AT TIME ZONE 'UTC')::date = '2026-03-12' OR sale_id = 432");
    database.run(
        "INSERT INTO shop.sale SELECT shop, sale_id + 1000, sold_at, price FROM shop.sale WHERE sale_id IN (475, 476)");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .containsExactly(
            "block 2026-03-12: the day has vanished (it had 5 rows)",
            "block 2026-04-01: 4 rows instead of 5; 1 key gone, e.g. (1,432)",
            "block 2026-04-10: 5 rows instead of 4; 1 key new, e.g. (3,1476)");
  }

  @Test
  void laterRowsAndOtherDaysAreNoDrift() throws SQLException {
    database.run(
        "INSERT INTO shop.sale SELECT shop, sale_id + 1000, sold_at + interval '200 days', price FROM shop.sale");
    database.run(
        "UPDATE shop.sale SET price = 1 WHERE (sold_at AT TIME ZONE 'UTC')::date = '2026-04-02'");
    refresh();
    assertThat(database.gate("dataset-hash")).isEmpty();
  }

  @Test
  void anotherPhysicalOrderIsNoDrift() throws SQLException {
    database.run("CREATE TABLE shop.copy AS SELECT * FROM shop.sale ORDER BY title DESC");
    database.run("DELETE FROM shop.sale");
    database.run("INSERT INTO shop.sale SELECT * FROM shop.copy");
    refresh();
    assertThat(database.gate("dataset-hash")).isEmpty();
  }

  @Test
  void laterRowsThatChangeAnOlderOneAreCalledThat() throws SQLException {
    database.run(
        "UPDATE audit.gate_setting SET settings = settings || '{\"raw\": [{\"relation\": \"shop.sale\", \"time\": \"sold_at\"}]}' WHERE gate = 'dataset-hash'");
    // the price of a sale is that of its shop's newest one: a feature that looks into the future
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, max(b.price) OVER (PARTITION BY b.shop) AS price FROM shop.base_mv b");
    database.approveWhatIsThere();
    database.run("UPDATE audit.baseline SET approved_xid = NULL");
    assertThat(database.gate("dataset-hash")).isEmpty();
    database.run(
        "INSERT INTO shop.sale (shop, sale_id, sold_at, price) VALUES (1, 9001, timestamptz '2026-06-01 00:00Z', 5000)");
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    assertThat(database.gate("dataset-hash"))
        .hasSize(3)
        .allMatch(
            finding ->
                finding.contains(
                    "the raw rows of that day are those of the baseline: later rows, or other inputs, changed an older one"));
    database.run("UPDATE shop.sale SET price = price + 1 WHERE sold_at < '2026-03-15'");
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    assertThat(database.gate("dataset-hash"))
        .anyMatch(finding -> finding.contains("raw rows of that day changed, too: shop.sale"));
  }

  @Test
  void settingsOfTheSessionAreNoDrift() throws SQLException {
    for (String sql :
        List.of(
            "SET LOCAL TimeZone = 'Asia/Tokyo'",
            "SET LOCAL DateStyle = 'ISO, DMY'",
            "SET LOCAL IntervalStyle = 'sql_standard'",
            "SET LOCAL extra_float_digits = -10",
            "SET LOCAL bytea_output = 'escape'",
            "SET LOCAL search_path = shop")) {
      database.run(sql);
    }
    assertThat(database.list("SELECT g.message FROM audit.gate_dataset_hash('shop') g")).isEmpty();
  }

  @Test
  void theLastDigitsOfAFloatAreNoiseAndOnlyWarnedOf() throws SQLException {
    database.run(
        "UPDATE shop.sale SET weight = weight * (1 + 1e-15::float8) WHERE (sold_at AT TIME ZONE 'UTC')::date = '2026-04-01'");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .containsExactly("warn 2026-04-01: only the last digits of floating point columns");
    database.run("UPDATE shop.sale SET weight = weight * 1.001 WHERE sale_id = 432");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .singleElement()
        .asString()
        .startsWith("block 2026-04-01: weight in 1 row");
  }

  @Test
  void nanIsAValueLikeAnother() throws SQLException {
    database.run("UPDATE shop.sale SET weight = 'NaN' WHERE sale_id = 432");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .singleElement()
        .asString()
        .contains("weight in 1 row")
        .endsWith("→ NaN");
  }

  @Test
  void anotherOrderOfColumnsIsNoDriftAndANewColumnIs() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    String columns =
        "'always' AS imgab_note, b.shop, b.sale_id, b.price, b.sold_at, b.weight, b.\"in time\", b.title, b.\"now\", d.sales, r.name AS release";
    String rest =
        " FROM shop.base_mv b JOIN shop.daily_mv d ON d.day = (b.sold_at AT TIME ZONE 'UTC')::date CROSS JOIN shop.release r";
    database.run(
        "CREATE VIEW shop.features_v AS SELECT CASE WHEN \"in time\" THEN b.sharpness END AS img__sharpness, "
            + columns
            + rest);
    assertThat(database.gate("dataset-hash")).isEmpty();
    database.run(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT CASE WHEN \"in time\" THEN b.sharpness END AS img__sharpness, "
            + columns
            + ", 1 AS fresh"
            + rest);
    assertThat(database.gate("dataset-hash"))
        .containsExactly("block column fresh is new: no baseline covers it");
    database.run("DROP VIEW shop.features_v");
    database.run("CREATE VIEW shop.features_v AS SELECT " + columns + rest);
    assertThat(database.gate("dataset-hash"))
        .containsExactly("block column img__sharpness is gone");
  }

  @Test
  void valuesCanBeLeftOutOfTheBaseline() throws SQLException {
    database.run(
        "UPDATE audit.gate_setting SET settings = settings || '{\"keep_values\": false, \"keys_per_day\": 2}' WHERE gate = 'dataset-hash'");
    database.run("UPDATE audit.baseline SET status = 'superseded'");
    database.run("SELECT * FROM audit.propose_baseline('shop')");
    database.run("UPDATE audit.baseline SET status = 'approved' WHERE status = 'proposed'");
    assertThat(
            database.list(
                "SELECT count(*) FROM audit.dataset_baseline_key GROUP BY baseline_id, day HAVING max(column_values[1]) !~ '^[0-9a-f]{16}$' OR count(*) > 2"))
        .hasSize(3);
    database.run("UPDATE shop.sale SET price = 7 WHERE sale_id IN (432, 431, 430, 429)");
    refresh();
    assertThat(database.gate("dataset-hash"))
        .singleElement()
        .asString()
        .startsWith("block 2026-04-01: price in")
        .doesNotContain("7.00");
  }

  @Test
  void noBaselineZeroDaysAndABaselineOfThisVeryTransactionAreFindings() throws SQLException {
    database.run("UPDATE audit.baseline SET approved_xid = pg_current_xact_id()");
    assertThat(database.gate("dataset-hash"))
        .containsExactly(
            "block the gate checked nothing: no dataset baseline has been approved before this run");
    database.run("UPDATE audit.baseline SET approved_xid = NULL");
    database.run("DELETE FROM audit.dataset_baseline");
    assertThat(database.gate("dataset-hash")).singleElement().asString().endsWith("holds no day");
    database.run("DELETE FROM audit.baseline");
    assertThat(database.gate("dataset-hash"))
        .singleElement()
        .asString()
        .contains("checked nothing");
  }

  private static void refresh() throws SQLException {
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
  }
}
