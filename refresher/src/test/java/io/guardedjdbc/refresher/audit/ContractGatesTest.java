package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class ContractGatesTest extends RolledBack {
  @Test
  void everyKeyIsThereOnce() throws SQLException {
    gate("key-unique", "{}");
    assertThat(database.gate("key-unique")).isEmpty();
  }

  @Test
  void aKeyThatIsThereTwiceIsNamedWithItsRows() throws SQLException {
    gate("key-unique", "{}");
    database.run("INSERT INTO shop.release VALUES (5, 'five')");
    assertThat(database.gate("key-unique"))
        .containsExactly("block 480 keys are there more than once, e.g. (1,102) in 2 rows");
    gate("key-unique", "{\"columns\": [\"sale_id\", \"release\"], \"max_examples\": 1}");
    assertThat(database.gate("key-unique")).isEmpty();
  }

  @Test
  void aKeyWithANullIsToldApartFromOneThatIsThereTwice() throws SQLException {
    gate("key-unique", "{}");
    entrypoint("nullif(b.shop, 1) AS shop, b.sale_id, b.sold_at");
    assertThat(database.gate("key-unique"))
        .containsExactly("block 160 rows have NULL in a column of the key (shop, sale_id)");
    gate("key-unique", "{\"columns\": [\"sale_no\"]}");
    assertThat(database.gate("key-unique"))
        .containsExactly("block the gate checked nothing: shop.features_v has no column sale_no");
  }

  @Test
  void theEmbargoComparesDaysOfTheStoresZoneWhereOneSideIsADate() throws SQLException {
    gate("embargo", "{\"column\": [\"used\"]}");
    entrypoint("b.*, (b.sold_at AT TIME ZONE 'UTC')::date - 1 AS used");
    assertThat(database.gate("embargo")).as("the day before").isEmpty();
    entrypoint("b.*, (b.sold_at AT TIME ZONE 'UTC')::date AS used");
    assertThat(database.gate("embargo"))
        .containsExactly(
            "block used is not before the day of sold_at in 480 rows, e.g. (1,3): 2026-01-01,"
                + " sold_at 2026-01-01 15:00:00+00");
    // 23:00Z of day 1 is day 2 in Helsinki: what day 1 gave may be used
    database.run("UPDATE audit.entrypoint_policy SET time_zone = 'Europe/Helsinki'");
    entrypoint(
        "b.*, DATE '2026-01-01' AS used", "WHERE b.sold_at = timestamptz '2026-01-19 23:00Z'");
    database.run("SET LOCAL TimeZone = 'America/Los_Angeles'");
    assertThat(database.gate("embargo")).isEmpty();
    entrypoint("b.*, DATE '2026-01-19' AS used", "WHERE b.sale_id = 91");
    assertThat(database.gate("embargo")).as("23:00Z is the next day there").isEmpty();
    database.run("UPDATE audit.entrypoint_policy SET time_zone = 'UTC'");
    assertThat(database.gate("embargo")).hasSize(1);
  }

  @Test
  void theEmbargoLetsRowsPassThatUseNothing() throws SQLException {
    gate("embargo", "{\"column\": \"used\"}");
    entrypoint(
        "b.*, CASE WHEN b.sale_id > 3 THEN b.sold_at - interval '1 microsecond' END AS used");
    assertThat(database.gate("embargo")).isEmpty();
    entrypoint("b.*, CASE WHEN b.sale_id = 7 THEN b.sold_at END AS used");
    assertThat(database.gate("embargo"))
        .singleElement()
        .asString()
        .startsWith("block used is not before sold_at in 1 row, e.g. (2,7)");
    entrypoint("b.*, NULL::timestamptz AS used");
    assertThat(database.gate("embargo"))
        .containsExactly(
            "block the gate checked nothing: used is NULL in every row of shop.features_v");
  }

  @Test
  void theWindowIncludesItsEnd() throws SQLException {
    gate("as-of-window", "{\"column\": [\"scored\"], \"within\": \"PT24H\"}");
    entrypoint("b.*, b.sold_at + interval '24 hours' AS scored");
    assertThat(database.gate("as-of-window")).isEmpty();
    entrypoint("b.*, b.sold_at + interval '24 hours 1 second' AS scored", "WHERE b.sale_id < 3");
    assertThat(database.gate("as-of-window"))
        .containsExactly(
            "block scored is later than sold_at + 24:00:00 in 2 rows, e.g. (2,1): 2026-01-02"
                + " 05:00:01+00, sold_at 2026-01-01 05:00:00+00");
    entrypoint("b.*, (b.sold_at AT TIME ZONE 'UTC')::date + 1 AS scored");
    assertThat(database.gate("as-of-window")).as("a day of the window").isEmpty();
    entrypoint("b.*, (b.sold_at AT TIME ZONE 'UTC')::date + 2 AS scored");
    assertThat(database.gate("as-of-window")).hasSize(1);
    entrypoint("b.*, b.sold_at AT TIME ZONE 'UTC' + interval '24 hours' AS scored");
    assertThat(database.gate("as-of-window")).as("a timestamp of the store's zone").isEmpty();
    entrypoint("b.*, b.sold_at AT TIME ZONE 'UTC' + interval '25 hours' AS scored");
    assertThat(database.gate("as-of-window")).hasSize(1);
    entrypoint("b.*, 'x' AS scored");
    assertThat(database.gate("as-of-window"))
        .singleElement()
        .asString()
        .contains("checked nothing");
  }

  @Test
  void rowCountsHaveLimitsOfTheirOwn() throws SQLException {
    gate("row-count", "{\"min\": 480, \"max\": 480}");
    assertThat(database.gate("row-count")).isEmpty();
    gate("row-count", "{\"min\": 481}");
    assertThat(database.gate("row-count"))
        .containsExactly("block shop.features_v has 480 rows, fewer than 481");
    gate("row-count", "{\"max\": 479}");
    assertThat(database.gate("row-count"))
        .containsExactly("block shop.features_v has 480 rows, more than 479");
  }

  @Test
  void rowCountsAreComparedWithTheLastCertificateNotWithTheLastRun() throws SQLException {
    gate("row-count", "{\"max_drop_percent\": 10, \"max_growth_percent\": 10}");
    assertThat(database.gate("row-count"))
        .singleElement()
        .asString()
        .startsWith("warn nothing to compare with yet");
    runAndPublish(true);
    assertThat(database.gate("row-count")).isEmpty();
    rows("WHERE b.sale_id <= 432");
    assertThat(database.gate("row-count")).as("10 percent are allowed").isEmpty();
    rows("WHERE b.sale_id <= 400");
    assertThat(database.gate("row-count"))
        .containsExactly(
            "block shop.features_v has 400 rows, 16.7 % fewer than the last certificate (480)");
    runAndPublish(false);
    assertThat(database.gate("row-count")).as("a run that failed is no reference").hasSize(1);
    runAndPublish(true);
    assertThat(database.gate("row-count")).isEmpty();
  }

  @Test
  void inputsMustBeYoung() throws SQLException {
    database.run("CREATE TABLE shop.load (at timestamptz, day date, word text)");
    gate(
        "freshness-of-input",
        "{\"inputs\": [{\"relation\": \"shop.load\", \"column\": \"at\", \"max_age\": \"PT2H\"}]}");
    assertThat(database.gate("freshness-of-input"))
        .containsExactly("block shop.load has no row with a value in at");
    database.run("INSERT INTO shop.load VALUES (now() + interval '2 years'), ('infinity')");
    assertThat(database.gate("freshness-of-input"))
        .containsExactly("block shop.load has no row with a value in at but of days to come");
    database.run("INSERT INTO shop.load VALUES (now() - interval '3 hours', current_date, 'x')");
    assertThat(database.gate("freshness-of-input"))
        .singleElement()
        .asString()
        .startsWith("block the newest row of shop.load is 03:00:0");
    database.run("INSERT INTO shop.load VALUES (now() - interval '1 hour')");
    assertThat(database.gate("freshness-of-input")).isEmpty();
    gate(
        "freshness-of-input",
        "{\"inputs\": [{\"relation\": \"shop.load\", \"column\": \"day\", \"max_age\": \"PT24H\"}]}");
    database.run("UPDATE shop.load SET day = (now() AT TIME ZONE 'UTC')::date - 1");
    assertThat(database.gate("freshness-of-input")).as("a day ends when it is over").isEmpty();
    database.run("UPDATE shop.load SET day = day - 1");
    assertThat(database.gate("freshness-of-input")).hasSize(1);
    for (String wrong : new String[] {"word", "nothing"}) {
      gate(
          "freshness-of-input",
          "{\"inputs\": [{\"relation\": \"shop.load\", \"column\": \""
              + wrong
              + "\", \"max_age\": \"PT2H\"}]}");
      assertThat(database.gate("freshness-of-input"))
          .singleElement()
          .asString()
          .startsWith("block the gate checked nothing for shop.load");
    }
  }

  @Test
  void queriesAreToldByTheirNameWhateverBecomesOfTheOthers() throws SQLException {
    gate(
        "sql",
        """
        {"max_examples": 2, "checks": [
          {"name": "free of charge", "query": "SELECT sale_id FROM shop.features_v WHERE price < 12 ORDER BY 1; ", "meaning": "nothing is free"},
          {"name": "broken", "query": "SELECT nope"},
          {"name": "fine", "query": "SELECT 1 FROM shop.features_v WHERE price < 0 -- never"},
          {"name": "sly", "query": "WITH x AS (DELETE FROM shop.sale RETURNING 1) SELECT * FROM x"}]}
        """);
    assertThat(database.gate("sql"))
        .hasSize(3)
        .startsWith(
            "block free of charge: 11 rows, nothing is free",
            "block broken could not run: column \"nope\" does not exist")
        .last()
        .asString()
        .startsWith("block sly could not run");
    assertThat(database.value("SELECT examples::text FROM audit.gate_sql('shop') LIMIT 1"))
        .isEqualTo("[{\"sale_id\": 1}, {\"sale_id\": 90}]");
    gate("sql", "{}");
    assertThat(database.gate("sql")).singleElement().asString().contains("checked nothing");
  }

  @Test
  void whatPlainViewsReadLiveIsToldWithItsPath() throws SQLException {
    gate("live-input", "{}");
    assertThat(database.gate("live-input"))
        .containsExactly(
            "block shop.release is read live: a write to it changes certified rows without a refresh;"
                + " path shop.features_v → shop.release");
    gate(
        "live-input",
        "{\"allow\": [{\"relation\": \"shop.rel*\", \"reason\": \"pinned by its number\"}]}");
    assertThat(database.gate("live-input")).isEmpty();
    gate("live-input", "{\"allow\": [{\"relation\": \"shop.rel*\"}]}");
    assertThat(database.gate("live-input")).as("an allowance needs its reason").hasSize(1);
  }

  @Test
  void tablesBehindMaterializedViewsOrWrittenByAStepAreNotReadLive() throws SQLException {
    gate("live-input", "{}");
    database.run(
        "INSERT INTO audit.sql_step (store, name, sql, writes) VALUES ('shop', 'x', 'DELETE FROM shop.release', '{shop.release}')");
    assertThat(database.gate("live-input")).isEmpty();
  }

  @Test
  void selectorsOfWhatIsCurrentAreToldByName() throws SQLException {
    gate("live-input", "{\"allow\": [{\"relation\": \"shop.release\", \"reason\": \"pinned\"}]}");
    database.run("CREATE VIEW shop.release_current_v AS SELECT max(number) AS n FROM shop.release");
    database.run("CREATE VIEW shop.concurrent_v AS SELECT 1 AS one");
    entrypoint("b.*, c.n, o.one", ", shop.release_current_v c, shop.concurrent_v o");
    assertThat(database.gate("live-input"))
        .containsExactly(
            "block shop.release_current_v selects what is current, at every read; path"
                + " shop.features_v → shop.release_current_v");
    gate(
        "live-input",
        "{\"allow\": [{\"relation\": \"shop.release\", \"reason\": \"pinned\"}], \"current\": [\"*.concurrent*\"]}");
    assertThat(database.gate("live-input"))
        .singleElement()
        .asString()
        .startsWith("block shop.concurrent_v selects what is current");
  }

  private void runAndPublish(boolean certified) throws SQLException {
    database.run("SELECT audit.begin_run('shop', 'atomic', 'test', 'here')");
    long run = database.number("SELECT max(run_id) FROM audit.run");
    database.gate("row-count");
    if (certified) {
      database.run(
          "SELECT audit.publish_certificate(?, 'shop.features_v', (SELECT certificate_id FROM audit.t0_cert_registry), now(), now(), '')",
          run);
    }
    database.run("SELECT audit.finish_run(?, ?, '')", run, certified ? "certified" : "failed");
  }

  private void gate(String id, String settings) throws SQLException {
    database.run(
        "INSERT INTO audit.gate_setting (store, gate, settings) VALUES ('shop', ?, ?::jsonb)"
            + " ON CONFLICT (store, gate) DO UPDATE SET settings = excluded.settings",
        id,
        settings);
  }

  private void rows(String where) throws SQLException {
    entrypoint("b.*", where);
  }

  private void entrypoint(String columns) throws SQLException {
    entrypoint(columns, "");
  }

  private void entrypoint(String columns, String rest) throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT " + columns + " FROM shop.base_mv b " + rest);
  }
}
