package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hashes of the runbook's own system are met by its own function, or said to be unmet. */
@Tag("postgres14")
class OldHashesTest extends RolledBack {
  private static final String HASH =
      "encode(sha256(convert_to(string_agg(to_jsonb(q)::text, '' ORDER BY q.sale_id), 'UTF8')), 'hex')";

  /** Names unqualified, and the day in the session's time zone: as such functions are written. */
  @BeforeEach
  void leaveOldHashes() throws SQLException {
    database.run(
        "CREATE FUNCTION audit.dataset_sha256(p regclass, d date, n int, salt text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$"
            + " DECLARE h text; BEGIN EXECUTE format('SELECT "
            + HASH.replace("'", "''")
            + " FROM (SELECT * FROM %s WHERE sold_at::date = $1 ORDER BY md5(sale_id::text || mark()) LIMIT $2) q', p) INTO h USING d, n; RETURN h; END $$");
    database.run("CREATE FUNCTION public.mark() RETURNS text LANGUAGE sql AS 'SELECT ''m''::text'");
    database.run("UPDATE audit.baseline SET status = 'superseded' WHERE kind = 'dataset'");
  }

  private void remember(String zone) throws SQLException {
    database.run(
        "SET TimeZone = '"
            + zone
            + "'; SET search_path = public; INSERT INTO audit.t0_dataset_hash_baseline SELECT 'shop.features_v', d, 50, audit.dataset_sha256('shop.features_v', d, 50)"
            + " FROM (SELECT DISTINCT (sold_at AT TIME ZONE 'UTC')::date - 1 AS d FROM shop.features_v ORDER BY 1 DESC LIMIT 3) x;"
            + " SET search_path = pg_catalog, pg_temp; SET TimeZone = 'UTC'");
  }

  @Test
  void thatAreMetUnderUtcPass() throws SQLException {
    remember("UTC");
    assertThat(database.gate("dataset-hash")).isEmpty();
    assertThat(database.value("SELECT audit.dataset_days('shop')")).isEqualTo("3");
    assertThat(database.value("SHOW search_path")).isEqualTo("pg_catalog, pg_temp");
  }

  @Test
  void thatAreMetUnderTheSettingsOfTheDatabasePass() throws SQLException {
    remember("Asia/Tokyo");
    assertThat(database.gate("dataset-hash")).isNotEmpty();
    database.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$");
    assertThat(database.gate("dataset-hash")).isEmpty();
    assertThat(database.value("SHOW TimeZone")).isEqualTo("UTC");
  }

  @Test
  void thatAreMetUnderUtcPassWhateverTheDatabaseSays() throws SQLException {
    remember("UTC");
    database.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$");
    assertThat(database.gate("dataset-hash")).isEmpty();
  }

  @Test
  void thatAreUnmetAreSaidToBeSoWithTheCommand() throws SQLException {
    remember("UTC");
    database.run("UPDATE audit.t0_dataset_hash_baseline SET dataset_sha256 = 'x'");
    assertThat(database.gate("dataset-hash"))
        .hasSize(3)
        .allMatch(
            finding ->
                finding.startsWith("block")
                    && finding.contains("old-style hash, not comparable or drifted"));
    assertThat(database.value("SELECT DISTINCT next_command FROM audit.gate_dataset_hash('shop')"))
        .isEqualTo("refresher baseline propose shop");
  }

  @Test
  void whoseFunctionFailsAreUnmetAndTheReasonIsTold() throws SQLException {
    remember("UTC");
    database.run("DROP FUNCTION public.mark()");
    assertThat(database.gate("dataset-hash"))
        .hasSize(3)
        .allMatch(finding -> finding.contains("drifted: function mark() does not exist"));
  }

  @Test
  void areNotLookedAtOnceABaselineOfOursIsApproved() throws SQLException {
    remember("UTC");
    database.run("UPDATE audit.t0_dataset_hash_baseline SET dataset_sha256 = 'x'");
    database.run("UPDATE audit.baseline SET status = 'approved' WHERE kind = 'dataset'");
    assertThat(database.gate("dataset-hash")).isEmpty();
  }

  @Test
  void withoutTheirFunctionAreNothingToCompareWith() throws SQLException {
    remember("UTC");
    database.run("DROP FUNCTION audit.dataset_sha256(regclass, date, int, text)");
    assertThat(database.gate("dataset-hash"))
        .singleElement()
        .asString()
        .contains("the gate checked nothing");
  }
}
