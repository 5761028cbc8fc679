package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("postgres14")
class DefinitionDriftGateTest extends RolledBack {
  @Test
  void passesUnchangedDefinitions() throws SQLException {
    assertThat(database.gate("definition-drift")).isEmpty();
    assertThat(database.value("SELECT audit.definition_objects('shop')")).isEqualTo("6");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT upper(p)'",
        "ALTER FUNCTION shop.clean(text) SET search_path = legacy",
        "CREATE UNIQUE INDEX ON shop.daily_mv (day, sales)",
        "DROP INDEX shop.daily_mv_day_idx",
        "ALTER VIEW shop.features_v SET (security_barrier = true)",
        "ALTER TABLE shop.release ALTER name TYPE varchar(9)"
      })
  void findsWhatChangesWhatExecutes(String ddl) throws SQLException {
    if (ddl.startsWith("ALTER TABLE")) {
      database.run("DROP VIEW shop.features_v");
      database.run(ddl);
      database.run(
          "CREATE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, r.name FROM shop.base_mv b, shop.release r");
    } else {
      database.run(ddl);
    }
    assertThat(database.gate("definition-drift"))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("block"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE shop.sale ADD remark text",
        "COMMENT ON VIEW shop.features_v IS 'x'",
        "CREATE INDEX ON shop.base_mv (title)",
        "ALTER VIEW shop.features_v OWNER TO pg_read_all_data",
        "ALTER TABLE shop.sale SET (fillfactor = 90)",
        "CREATE VIEW shop.other_v AS SELECT * FROM shop.features_v",
        "SET LOCAL search_path = shop, legacy",
        "SET LOCAL TimeZone = 'Asia/Tokyo'",
        "REFRESH MATERIALIZED VIEW shop.base_mv"
      })
  void leavesAloneWhatDoesNot(String ddl) throws SQLException {
    database.run(ddl);
    assertThat(database.list("SELECT g.message FROM audit.gate_definition_drift('shop') g"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER POLICY all_rows ON shop.release TO pg_read_all_data",
        "DROP POLICY all_rows ON shop.release; CREATE POLICY all_rows ON shop.release AS RESTRICTIVE USING (true)",
        "ALTER TABLE shop.release FORCE ROW LEVEL SECURITY",
        "ALTER TABLE shop.release DISABLE ROW LEVEL SECURITY",
        "DROP POLICY all_rows ON shop.release",
        "ALTER VIEW shop.features_v OWNER TO pg_read_all_data",
        "ALTER MATERIALIZED VIEW shop.base_mv OWNER TO pg_read_all_data",
        "ALTER FUNCTION shop.owned() OWNER TO pg_read_all_data",
        "CREATE TRIGGER later BEFORE INSERT ON shop.release FOR EACH ROW EXECUTE FUNCTION shop.stamp()",
        "CREATE OR REPLACE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE RULE nothing AS ON INSERT TO shop.release DO INSTEAD NOTHING",
        "ALTER TABLE shop.release ALTER name SET DEFAULT 'x'",
        "ALTER DOMAIN shop.amount ADD CHECK (VALUE < 1000)",
        "ALTER DOMAIN shop.amount SET NOT NULL",
        "ALTER DOMAIN shop.amount SET DEFAULT 2",
        "ALTER DOMAIN shop.part DROP CONSTRAINT part_check",
        "ALTER DOMAIN shop.bounded ADD CHECK (VALUE < 1000)",
        "ALTER DOMAIN shop.counted SET NOT NULL",
        "ALTER DOMAIN shop.listed ADD CHECK (VALUE > 0)",
        "ALTER DOMAIN shop.filled ADD CHECK (VALUE > 0)",
        "CREATE OR REPLACE FUNCTION shop.small(numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 7'"
      })
  void findsWhatChangesRowSecurityAndDomains(String ddl) throws SQLException {
    approveRowSecurityAndDomains();
    database.run(ddl);
    assertThat(database.gate("definition-drift"))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("block"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE POLICY asleep ON shop.sale USING (false)",
        "ALTER TABLE shop.sale FORCE ROW LEVEL SECURITY",
        "COMMENT ON DOMAIN shop.amount IS 'x'",
        "COMMENT ON POLICY all_rows ON shop.release IS 'x'",
        "CREATE DOMAIN shop.other AS shop.amount CHECK (VALUE < 5)",
        "ALTER DOMAIN shop.amount VALIDATE CONSTRAINT amount_check",
        "ALTER DOMAIN shop.amount RENAME CONSTRAINT amount_check TO positive",
        "ALTER DOMAIN shop.price ADD CHECK (VALUE > 5)",
        "ALTER TABLE shop.sale OWNER TO pg_read_all_data",
        "ALTER FUNCTION shop.checked() OWNER TO pg_read_all_data",
        "ALTER TABLE shop.sale ALTER title SET DEFAULT 'x'",
        "CREATE TRIGGER other BEFORE INSERT ON shop.sale FOR EACH ROW EXECUTE FUNCTION shop.stamp()",
        "CREATE TRIGGER guard_seal AFTER INSERT ON shop.release EXECUTE FUNCTION audit.on_sealed_write()"
      })
  void leavesAloneRowSecurityAndDomainsThatSayTheSame(String ddl) throws SQLException {
    approveRowSecurityAndDomains();
    database.run(ddl);
    assertThat(database.gate("definition-drift")).isEmpty();
  }

  private static void approveRowSecurityAndDomains() throws SQLException {
    database.run("ALTER TABLE shop.release ENABLE ROW LEVEL SECURITY");
    database.run("CREATE POLICY all_rows ON shop.release USING (name > '')");
    database.run("CREATE DOMAIN shop.amount AS numeric DEFAULT 1.5 CHECK (VALUE > 0)");
    database.run(
        "CREATE DOMAIN shop.part AS shop.amount CHECK (VALUE < 1000000.25 OR VALUE::text < '2026-01-01')");
    // named by bodies and steps that are text; shop.price only has the name of a column
    database.run(
        "CREATE FUNCTION shop.small(numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 900'");
    database.run("CREATE DOMAIN shop.bounded AS numeric CHECK (shop.small(VALUE))");
    for (String name : List.of("counted", "listed", "filled", "price")) {
      database.run("CREATE DOMAIN shop." + name + " AS numeric");
    }
    database.run(
        "CREATE FUNCTION shop.checked() RETURNS numeric LANGUAGE plpgsql STABLE AS"
            + " $$ DECLARE n shop.counted; BEGIN SELECT CAST(max(price) AS shop.bounded), '{1}'::shop.listed[] INTO n FROM shop.base_mv; RETURN n; END $$");
    database.run(
        "INSERT INTO audit.sql_step (store, name, position, sql, reads, writes) VALUES ('shop', 'fill', 1,"
            + " 'INSERT INTO shop.release SELECT s.shop, s.price::shop.filled FROM shop.sale s', '{}', '{shop.release}')");
    database.run(
        "CREATE FUNCTION shop.owned() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1'");
    database.run(
        "CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    database.run(
        "CREATE TRIGGER stamped BEFORE INSERT ON shop.release FOR EACH ROW EXECUTE FUNCTION shop.stamp()");
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, ARRAY[b.price]::shop.part[] AS parts, r.name, shop.checked() AS c, shop.owned() AS o FROM shop.base_mv b, shop.release r");
    database.approveWhatIsThere();
    database.run("UPDATE audit.baseline SET approved_xid = NULL");
  }

  @Test
  void settingsOfTheSessionChangeNoFingerprint() throws SQLException {
    database.run(
        "CREATE DOMAIN shop.amount AS numeric DEFAULT extract(epoch FROM timestamptz '2026-01-01 00:00Z') CHECK (VALUE < 0.1::float8 AND interval '1 day 2 hours' > interval '0')");
    database.run("ALTER TABLE shop.release ENABLE ROW LEVEL SECURITY");
    database.run(
        "CREATE POLICY young ON shop.release USING (timestamptz '2026-01-01 00:00Z' > timestamptz '2025-01-01 00:00Z')");
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text DEFAULT to_char(timestamptz '2026-01-01 00:00Z', 'YYYY')) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(p)'");
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, sold_at > timestamptz '2026-03-01 00:30Z' AS late, date '2026-03-04' AS d,"
            + " interval '1 day 2 hours' AS i, 0.1::float8 + 0.2::float8 AS f, '\\xff00'::bytea AS b, timestamp '2026-03-04 05:06:07' AS t, shop.clean() AS c,"
            + " price::shop.amount AS amount, r.name FROM shop.base_mv, shop.release r");
    String digest = "SELECT audit.definition_digest('shop')";
    String before = database.value(digest);
    for (String setting :
        List.of(
            "TimeZone = 'Asia/Tokyo'",
            "DateStyle = 'ISO, DMY'",
            "IntervalStyle = 'iso_8601'",
            "extra_float_digits = -10",
            "bytea_output = 'escape'",
            "quote_all_identifiers = on",
            "search_path = shop, legacy",
            "standard_conforming_strings = off")) {
      database.run("SAVEPOINT s");
      database.run("SET LOCAL " + setting);
      assertThat(database.value(digest)).as(setting).isEqualTo(before);
      database.run("ROLLBACK TO s");
    }
  }

  @Test
  void showsTheLinesThatChangedAndThePath() throws SQLException {
    database.run(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, b.price, b.weight, b.\"in time\", b.title, b.\"now\", d.sales,"
            + " r.name AS release, b.sharpness AS img__sharpness, 'always' AS imgab_note"
            + " FROM shop.base_mv b JOIN shop.daily_mv d ON d.day = (b.sold_at AT TIME ZONE 'UTC')::date CROSS JOIN shop.release r");
    assertThat(database.gate("definition-drift"))
        .singleElement()
        .asString()
        .startsWith("block shop.features_v changed since baseline")
        .contains("approved by Ann")
        .endsWith("+     b.sharpness AS img__sharpness,");
    assertThat(database.value("SELECT path FROM audit.gate_definition_drift('shop')"))
        .isEqualTo("{shop.features_v}");
    assertThat(
            database.list(
                "SELECT jsonb_array_elements_text(examples -> 'diff') FROM audit.gate_definition_drift('shop')"))
        .hasSize(5)
        .contains("-             WHEN b.\"in time\" THEN b.sharpness");
  }

  @Test
  void tellsObjectsThatCameIntoTheClosureAndLeftIt() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT sale_id, sold_at, shop FROM shop.sale s JOIN legacy.labels_mv l USING (sale_id, shop)");
    List<String> findings = database.gate("definition-drift");
    assertThat(findings)
        .contains(
            "block legacy.labels_mv is new in the closure: shop.features_v → legacy.labels_mv",
            "block shop.base_mv is no longer in the closure");
  }

  @Test
  void anUpgradeOfTheServerIsNoDrift() throws SQLException {
    // as another major spells it: qualified columns, more parentheses
    database.run("UPDATE audit.baseline SET server_major = 13");
    database.run(
        "UPDATE audit.definition_baseline SET definition = replace(replace(definition, ' sale_id', ' (base_mv.sale_id)'), ' shop', '  shop'), fingerprint = 'old'");
    assertThat(database.gate("definition-drift")).isEmpty();
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(p)'");
    assertThat(database.gate("definition-drift"))
        .singleElement()
        .asString()
        .startsWith(
            "block shop.clean(text) reads differently since the server went from major 13 to");
  }

  @Test
  void noBaselineIsAFinding() throws SQLException {
    database.run("DELETE FROM audit.baseline");
    assertThat(database.gate("definition-drift"))
        .containsExactly(
            "block the gate checked nothing: no definition baseline has been approved before this run");
  }

  @Test
  void proposalsShowWhatTheyChangeAndApprovalLeavesATrail() throws SQLException {
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT upper(p)'");
    database.run("UPDATE shop.sale SET price = price + 1 WHERE sale_id = 432");
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    assertThat(
            database.list(
                "SELECT format('%s %s', kind, changed) FROM audit.propose_baseline('shop')"))
        .containsExactly("definition 1", "dataset 3");
    assertThat(
            database.list(
                "SELECT object || ' ' || change || ' ' || detail::text FROM audit.baseline b, audit.baseline_diff(b.baseline_id) WHERE status = 'proposed' ORDER BY 1"))
        .contains("2026-04-01 changed {\"title in 5 rows, price in 1 row\"}")
        .anyMatch(line -> line.startsWith("shop.clean(text) changed"));
    assertThat(database.failure("SAVEPOINT s")).isEmpty();
    assertThat(
            database.failure(
                "SELECT audit.approve_baseline(max(baseline_id), ' ', 'x', NULL) FROM audit.baseline"))
        .hasValueSatisfying(message -> assertThat(message).contains("reviewer"));
    database.run("ROLLBACK TO s");
    database.run(
        "SELECT audit.approve_baseline(max(baseline_id), 'Ben', 'prices corrected', 'abc123') FROM audit.baseline");
    assertThat(
            database.list(
                "SELECT concat_ws(' ', status, reviewer, reason, git_commit) FROM audit.baseline WHERE kind = 'dataset' ORDER BY baseline_id"))
        .containsExactly("superseded Ann first", "approved Ben prices corrected abc123");
  }
}
