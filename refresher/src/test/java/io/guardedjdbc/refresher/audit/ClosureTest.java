package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("postgres14")
class ClosureTest extends RolledBack {
  @Test
  void followsViewsMaterializedViewsTablesAndFunctions() throws SQLException {
    assertThat(
            database.list(
                "SELECT object || ' ' || kind || CASE WHEN live THEN ' live' ELSE '' END"
                    + " FROM audit.closure('shop.features_v') ORDER BY object"))
        .containsExactlyInAnyOrder(
            "shop.features_v v live",
            "shop.base_mv m",
            "shop.daily_mv m",
            "shop.sale r",
            "shop.release r live",
            "shop.clean(text) function");
    assertThat(
            database.value(
                "SELECT path FROM audit.closure('shop.features_v') WHERE object = 'shop.clean(text)'"))
        .isEqualTo("{shop.features_v,shop.base_mv,shop.clean(text)}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT bool_or(label) FROM legacy.labels_mv",
        "SELECT bool_or(label) FROM \"legacy\" . \"labels_mv\" x",
        "SELECT bool_or(label) FROM shop.sale, /* no comment */ LEGACY.labels_mv",
        "SELECT true FROM shop.sale s JOIN labels_mv ON true",
        "SELECT true FROM shop.sale s, labels_mv m"
      })
  void seesARelationInABodyOfText(String body) throws SQLException {
    database.run("SET check_function_bodies = off");
    database.run(
        "CREATE FUNCTION shop.f() RETURNS boolean LANGUAGE sql STABLE AS $x$" + body + "$x$");
    reachFunction();
    assertThat(forbidden())
        .singleElement()
        .asString()
        .contains("shop.features_v → shop.f() → legacy.labels_mv");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT true -- legacy.labels_mv",
        "SELECT 'legacy.labels_mv' = ''",
        "SELECT /* FROM legacy.labels_mv */ labels_mv FROM (SELECT true AS labels_mv) x",
        "SELECT x.labels_mv FROM (SELECT true, true) x (legacy, labels_mv)"
      })
  void isNotTakenInByCommentsStringsAndColumns(String body) throws SQLException {
    database.run(
        "CREATE FUNCTION shop.f() RETURNS boolean LANGUAGE sql STABLE AS $x$" + body + "$x$");
    reachFunction();
    assertThat(forbidden()).isEmpty();
  }

  @Test
  void readsDynamicSqlAsCode() throws SQLException {
    database.run(
        "CREATE FUNCTION shop.f() RETURNS boolean LANGUAGE plpgsql STABLE AS $x$ DECLARE r boolean; BEGIN"
            + " EXECUTE format('SELECT label FROM legacy.labels_mv LIMIT %s', 1) INTO r; RETURN r; END $x$");
    reachFunction();
    assertThat(forbidden()).hasSize(1);
  }

  @Test
  void followsAnAtomicBodyByItsDependencies() throws SQLException {
    database.run(
        "CREATE FUNCTION shop.f() RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC SELECT label FROM legacy.labels_mv; END");
    reachFunction();
    assertThat(forbidden()).hasSize(1);
  }

  @Test
  void followsFunctionsThroughFunctionsAndOperatorsAndAggregates() throws SQLException {
    for (String sql :
        List.of(
            "CREATE FUNCTION shop.inner_f(boolean, int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT label FROM legacy.labels_mv'",
            "CREATE AGGREGATE shop.agg(int) (SFUNC = shop.inner_f, STYPE = boolean)",
            "CREATE FUNCTION shop.op_f(int, int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT shop.agg(1)'",
            "CREATE OPERATOR shop.@@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = shop.op_f)",
            "CREATE FUNCTION shop.f() RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC SELECT 1 OPERATOR(shop.@@@) 2; END")) {
      database.run(sql);
    }
    reachFunction();
    assertThat(forbidden())
        .singleElement()
        .asString()
        .contains(
            "shop.f() → operator shop.@@@(integer,integer) → shop.op_f(integer,integer) → shop.agg(integer) → shop.inner_f(boolean,integer) → legacy.labels_mv");
  }

  @Test
  void followsPartitionsPoliciesAndDomains() throws SQLException {
    for (String sql :
        List.of(
            "CREATE TABLE shop.parent (a int) PARTITION BY RANGE (a)",
            "CREATE TABLE legacy.part PARTITION OF shop.parent DEFAULT",
            "CREATE FUNCTION legacy.visible() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'",
            "ALTER TABLE shop.release ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY p ON shop.release USING (legacy.visible())",
            "CREATE FUNCTION legacy.fits(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'",
            "CREATE DOMAIN shop.small AS int CHECK (legacy.fits(VALUE))",
            "DROP VIEW shop.features_v",
            "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, price::int::shop.small FROM shop.base_mv, shop.parent, shop.release")) {
      database.run(sql);
    }
    assertThat(database.list("SELECT object FROM audit.gate_forbidden_dependency('shop')"))
        .containsExactlyInAnyOrder("legacy.part", "legacy.visible()", "legacy.fits(integer)");
  }

  @Test
  void forbidsByNameAndTellsThePathAndTheReason() throws SQLException {
    database.run(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT b.shop, b.sale_id, b.sold_at, b.price, b.weight, b.\"in time\", b.title, b.\"now\", d.sales,"
            + " r.name AS release, CASE WHEN b.\"in time\" THEN b.sharpness END AS img__sharpness, 'always' AS imgab_note, l.label"
            + " FROM shop.base_mv b JOIN shop.daily_mv d ON d.day = (b.sold_at AT TIME ZONE 'UTC')::date CROSS JOIN shop.release r JOIN legacy.labels_mv l USING (sale_id)");
    assertThat(database.list("SELECT message FROM audit.gate_forbidden_dependency('shop')"))
        .containsExactly(
            "legacy.labels_mv is forbidden here (labels) and is reached: shop.features_v → legacy.labels_mv");
  }

  @Test
  void findsNothingWhereLabelsAreNotReachedAndSaysWhenNothingIsForbidden() throws SQLException {
    assertThat(forbidden()).isEmpty();
    database.run("DELETE FROM audit.relation_rule WHERE rule = 'forbidden'");
    assertThat(forbidden()).singleElement().asString().startsWith("block the gate checked nothing");
  }

  @Test
  void anUnderscoreInAPatternIsALetter() throws SQLException {
    assertThat(database.value("SELECT audit.matches('legacyXlabels', 'legacy_labels')"))
        .isEqualTo("f");
    assertThat(database.value("SELECT audit.matches('legacy_labels', 'legacy_lab*')"))
        .isEqualTo("t");
    assertThat(
            database.value(
                "SELECT audit.matches('a%b', 'a%b') AND NOT audit.matches('axb', 'a%b') AND NOT audit.matches('a\\b', 'a\\\\b')"))
        .isEqualTo("t");
  }

  @Test
  void ordersRefreshesAfterWhatTheyReadWithDeclaredEdgesAndSteps() throws SQLException {
    database.run("CREATE MATERIALIZED VIEW shop.aaa_mv AS SELECT 1 AS one");
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(p) FROM shop.aaa_mv'");
    database.run(
        "INSERT INTO audit.sql_step (store, name, sql, reads, writes) VALUES ('shop', 'load', 'SELECT 1', '{shop.aaa_mv}', '{shop.sale}')");
    assertThat(
            database.list(
                "SELECT format('%s %s %s %s', step, object, level, coalesce(reason, 'concurrently')) FROM audit.refresh_order('shop') ORDER BY step"))
        .containsExactly(
            "1 shop.aaa_mv 0 no valid unique index on plain columns without WHERE",
            "2 load 1 concurrently",
            "3 shop.base_mv 2 concurrently",
            "4 shop.daily_mv 3 concurrently");
    database.run(
        "INSERT INTO audit.declared_edge VALUES ('shop', 'shop.daily_mv', 'shop.base_mv')");
    assertThat(database.failure("SELECT * FROM audit.refresh_order('shop')"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("42P19")
                    .contains(
                        "shop.daily_mv needs shop.base_mv", "shop.base_mv needs shop.daily_mv")
                    .doesNotContain("["));
  }

  @Test
  void followsWhatAStepReadsIntoATable() throws SQLException {
    database.run("CREATE TABLE shop.summary (label boolean)");
    database.run("CREATE MATERIALIZED VIEW shop.only_by_step_mv AS SELECT 1 AS one");
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(p) FROM shop.summary'");
    step(
        "DELETE FROM shop.summary; INSERT INTO shop.summary SELECT label FROM legacy.labels_mv, shop.only_by_step_mv",
        "{shop.summary}");
    assertThat(forbidden())
        .singleElement()
        .asString()
        .endsWith("shop.clean(text) → shop.summary → legacy.labels_mv");
    assertThat(
            database.list(
                "SELECT object || ' ' || level FROM audit.refresh_order('shop') ORDER BY step"))
        .containsExactly(
            "legacy.labels_mv 0",
            "shop.only_by_step_mv 0",
            "fill 1",
            "shop.base_mv 2",
            "shop.daily_mv 3");
    step("INSERT INTO shop.summary SELECT now() > '2026-01-01'", "{shop.summary}");
    assertThat(database.gate("time-of-query"))
        .singleElement()
        .asString()
        .startsWith("block shop.summary depends on the time of the query: now() in step fill");
    step("INSERT INTO shop.summary SELECT true", "{shop.summary}");
    assertThat(
            database.list(
                "SELECT definition FROM audit.definitions('shop.features_v') WHERE object = 'shop.summary'"))
        .singleElement()
        .asString()
        .endsWith("step fill: INSERT INTO shop.summary SELECT true");
  }

  @Test
  void refreshesWhatAStepReadsEvenIfNothingReadsItsTable() throws SQLException {
    step("SELECT 1 FROM legacy.labels_mv", "{}");
    assertThat(database.list("SELECT object FROM audit.refresh_order('shop') ORDER BY step"))
        .containsExactly("legacy.labels_mv", "shop.base_mv", "shop.daily_mv", "fill");
  }

  private void step(String sql, String writes) throws SQLException {
    database.run("DELETE FROM audit.sql_step");
    database.run(
        "INSERT INTO audit.sql_step (store, name, sql, writes) VALUES ('shop', 'fill', ?, ?::text[])",
        sql,
        writes);
  }

  @Test
  void aPatternMeansANameWithOrWithoutItsQuotes() throws SQLException {
    database.run("CREATE TABLE shop.\"user\" (n int); CREATE TABLE shop.\"Label\" (n int)");
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(p) FROM shop.\"user\", shop.\"Label\"'");
    for (String pattern : List.of("shop.user", "shop.us*", "shop.\"user\"", "shop.Label")) {
      database.run("DELETE FROM audit.relation_rule WHERE rule = 'forbidden'");
      database.run("INSERT INTO audit.relation_rule VALUES ('shop', 'forbidden', ?, 'x')", pattern);
      assertThat(forbidden()).as(pattern).hasSize(1);
    }
    database.run("DELETE FROM audit.relation_rule WHERE rule = 'forbidden'");
    database.run("INSERT INTO audit.relation_rule VALUES ('shop', 'forbidden', 'shop.use', 'x')");
    assertThat(forbidden()).isEmpty();
  }

  @Test
  void leavesInputsToOthers() throws SQLException {
    database.run(
        "INSERT INTO audit.relation_rule VALUES ('shop', 'input', 'shop.base*', 'loaded by others')");
    assertThat(database.list("SELECT object FROM audit.refresh_order('shop')"))
        .containsExactly("shop.daily_mv");
  }

  private void reachFunction() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, shop.f() AS x FROM shop.base_mv");
  }

  private List<String> forbidden() throws SQLException {
    return database.gate("forbidden-dependency");
  }
}
