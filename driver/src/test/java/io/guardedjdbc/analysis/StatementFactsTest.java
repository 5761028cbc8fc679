package io.guardedjdbc.analysis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatementFactsTest {

  private static StatementFacts only(String sql) {
    SqlFacts facts = Analyzer.analyze(sql, true);
    assertThat(facts.parts()).hasSize(1);
    return facts.parts().get(0);
  }

  private static Mention mention(String sql, String name) {
    return requireNonNull(only(sql).mention(name));
  }

  @Test
  void keepsEveryQualifierOfAName() {
    Mention mention = mention("SELECT a.x, b.x, (c).y FROM s.x AS a, \"T\".x AS b", "x");
    assertThat(mention.qualifiers()).containsExactlyInAnyOrder("a", "b", "s", "T");
    assertThat(mention.unqualified()).isFalse();
    assertThat(mention.mayBeIn("s")).isTrue();
    assertThat(mention.mayBeIn("t")).isFalse();
  }

  @Test
  void qualifierThatIsNoPlainNameMeansAnySchema() {
    assertThat(mention("SELECT (c).y FROM c", "y").mayBeIn("anything")).isTrue();
    assertThat(mention("SELECT c[1].y FROM c", "y").mayBeIn("anything")).isTrue();
  }

  @Test
  void leavesOutReservedWordsOnlyWhereTheyCanNameNothing() {
    StatementFacts facts = only("SELECT ml.table, \"user\" FROM ml.select WHERE data = 1");
    assertThat(facts.names().keySet()).contains("table", "user", "select", "data", "ml");
    assertThat(facts.names().keySet()).doesNotContain("from", "where");
  }

  @Test
  void tellsCallsAndWhatTheirArgumentsAreMadeOf() {
    StatementFacts facts =
        only("SELECT f('a', 1), g($1, ?), h(x), k('a' || 'b'), s.\"L\"(null), m(), f('b')");
    assertThat(facts.calls())
        .containsEntry("f", Arguments.LITERALS)
        .containsEntry("g", Arguments.PARAMETERS)
        .containsEntry("h", Arguments.EXPRESSIONS)
        .containsEntry("k", Arguments.EXPRESSIONS)
        .containsEntry("L", Arguments.LITERALS)
        .containsEntry("m", Arguments.LITERALS);
    assertThat(only("SELECT f('a'), f(b)").calls()).containsEntry("f", Arguments.EXPRESSIONS);
  }

  @Test
  void listsOperatorsHoweverParametersClingToThem() {
    assertThat(only("SELECT a <-> b WHERE c =? AND d @?? e AND f OPERATOR(s.&&) g").operators())
        .contains("<->", "=", "@?", "&&");
  }

  @Test
  void attributeNotationKeepsTheDoubtAboutFunctions() {
    assertThat(mention("SELECT t.f FROM t", "f").attribute()).isTrue();
    assertThat(only("SELECT t.f FROM t").mayBeFunction("f")).isTrue();
    assertThat(only("SELECT f FROM t").mayBeFunction("f")).isTrue();
    assertThat(only("SELECT t.a AS f FROM t").mayBeFunction("f")).isFalse();
    assertThat(only("SELECT f.a FROM t AS f").mayBeFunction("f")).isFalse();
    assertThat(only("SELECT f(1) FROM t AS f").mayBeFunction("f")).isTrue();
    assertThat(only("SELECT f.a FROM f").mayBeFunction("f")).isFalse();
  }

  @Test
  void narrowsBySchemaWhatRemains() {
    StatementFacts facts = only("SELECT t.x, x.a FROM other.x, t");
    assertThat(facts.mayBeRelation("x", "other")).isTrue();
    assertThat(facts.mayBeRelation("x", null)).isTrue();
    assertThat(facts.mayBeRelation("x", "ml")).isFalse();
    assertThat(facts.mayBeRelation("missing", null)).isFalse();
  }

  @Test
  void narrowsTheQueryInsideAnotherStatement() {
    for (String around :
        List.of(
            "EXPLAIN %s",
            "EXPLAIN (ANALYZE, FORMAT json) %s",
            "DECLARE c NO SCROLL CURSOR FOR %s",
            "PREPARE p (int) AS %s",
            "COPY (%s) TO STDOUT WITH (FORMAT csv)")) {
      assertThat(reads(around, "SELECT t.x, x.a FROM other.x, t")).as(around).isFalse();
      assertThat(reads(around, "WITH x AS (SELECT 1) SELECT x FROM x")).as(around).isFalse();
      assertThat(reads(around, "SELECT t.a AS x FROM t")).as(around).isFalse();
      assertThat(reads(around, "SELECT x FROM t, x")).as(around).isTrue();
      assertThat(reads(around, "SELECT t.a FROM t WHERE (TABLE ml.x) IS NULL")).as(around).isTrue();
      assertThat(reads(around, "SELECT x FROM t WHERE a !!! ANY (SELECT 1) FOO BAR"))
          .as(around)
          .isTrue();
    }
    assertThat(only("EXPLAIN UPDATE t SET x = 1").mayBeRelation("x", "ml")).isFalse();
    assertThat(only("EXPLAIN DELETE FROM t USING x").mayBeRelation("x", "ml")).isTrue();
  }

  @Test
  void whatStandsAroundTheQueryKeepsItsDoubt() {
    assertThat(only("DECLARE x CURSOR FOR SELECT x FROM t").mayBeRelation("x", "ml")).isTrue();
    assertThat(only("PREPARE p (x) AS SELECT x FROM t").mayBeRelation("x", "ml")).isTrue();
    assertThat(only("COPY (SELECT x FROM t) TO STDOUT (FORMAT x)").mayBeRelation("x", "ml"))
        .isTrue();
    assertThat(only("COPY x TO STDOUT").mayBeRelation("x", "ml")).isTrue();
    assertThat(only("EXPLAIN CREATE TABLE u AS SELECT x FROM t").mayBeRelation("x", "ml")).isTrue();
  }

  private static boolean reads(String around, String query) {
    return only(String.format(around, query)).mayBeRelation("x", "ml");
  }

  @Test
  void whatIsDefinedIsNotRead() {
    assertThat(only("CREATE INDEX i ON ml.x (lower(y))").mayBeRelation("x", "ml")).isFalse();
    assertThat(only("CREATE INDEX i ON ml.x (lower(x))").mayBeRelation("x", "ml")).isTrue();
    assertThat(only("CREATE MATERIALIZED VIEW x AS SELECT 1").mayBeRelation("x", "ml")).isFalse();
    assertThat(only("CREATE TABLE x AS SELECT * FROM x").mayBeRelation("x", "ml")).isTrue();
    assertThat(only("ALTER TABLE ml.x ADD CHECK (f(a))").mayBeRelation("x", "ml")).isFalse();
    assertThat(only("REFRESH MATERIALIZED VIEW CONCURRENTLY ml.x").defines()).containsExactly("x");
  }

  @Test
  void namesWhatADefinitionChanges() {
    assertThat(only("CREATE OR REPLACE VIEW s.v AS SELECT 1").defines()).contains("v");
    assertThat(only("CREATE TEMP TABLE IF NOT EXISTS v () INHERITS (a, b)").defines())
        .contains("v", "a", "b");
    assertThat(only("ALTER VIEW v RENAME TO w").defines()).contains("v", "w");
    assertThat(only("CREATE RULE r AS ON SELECT TO v DO INSTEAD SELECT 1").defines()).contains("v");
    assertThat(only("CREATE TRIGGER r AFTER INSERT ON v EXECUTE FUNCTION f()").defines())
        .contains("v");
    assertThat(only("CREATE POLICY p ON s.v USING (f())").defines()).contains("v");
    assertThat(only("CREATE OPERATOR s.=== (FUNCTION = f, LEFTARG = int)").defines())
        .contains("===");
    assertThat(only("CREATE CAST (a AS b) WITH FUNCTION f(a)").defines()).contains("a", "b");
    assertThat(only("CREATE FUNCTION s.f() RETURNS int LANGUAGE sql RETURN 1").defines())
        .contains("f");
    assertThat(only("ALTER TABLE a INHERIT b").defines()).contains("a", "b");
    assertThat(only("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)").defines()).contains("i");
  }

  @Test
  void tellsWhatChangesForLaterStatements() {
    assertThat(effects("SET search_path TO a, b")).containsExactly(Effect.SEARCH_PATH);
    assertThat(effects("SET LOCAL \"Search_Path\" = a")).containsExactly(Effect.SEARCH_PATH);
    assertThat(effects("SET SCHEMA 'a'")).containsExactly(Effect.SEARCH_PATH);
    assertThat(effects("SET SESSION AUTHORIZATION DEFAULT")).containsExactly(Effect.ROLE);
    assertThat(effects("RESET ROLE")).containsExactly(Effect.ROLE);
    assertThat(effects("SET ROLE x")).containsExactly(Effect.ROLE);
    assertThat(effects("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        .containsExactly(Effect.ISOLATION);
    assertThat(effects("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        .containsExactly(Effect.ISOLATION);
    assertThat(effects("SET row_security = off")).containsExactly(Effect.ROW_SECURITY);
    assertThat(effects("SET NAMES 'UTF8'")).containsExactly(Effect.ENCODING);
    assertThat(effects("SET work_mem = '1MB'")).isEmpty();
    assertThat(effects("RESET ALL")).contains(Effect.ROLE, Effect.STRINGS, Effect.SEARCH_PATH);
    assertThat(effects("DISCARD ALL")).contains(Effect.ROLE, Effect.STRINGS);
    assertThat(effects("SELECT pg_catalog.set_config('ROLE', 'x', false)"))
        .containsExactly(Effect.ROLE);
    assertThat(effects("SELECT set_config(x, 'y', true)")).containsAll(Settings.ALL);
    assertThat(effects("UPDATE pg_settings SET setting = 'off'")).containsAll(Settings.ALL);
    assertThat(effects("BEGIN ISOLATION LEVEL REPEATABLE READ"))
        .containsExactlyInAnyOrder(Effect.BEGINS_TRANSACTION, Effect.ISOLATION);
    assertThat(effects("ROLLBACK TO SAVEPOINT x")).isEmpty();
    assertThat(effects("COMMIT AND CHAIN")).containsExactly(Effect.ENDS_TRANSACTION);
    assertThat(effects("DROP VIEW x")).containsExactly(Effect.DEFINES);
  }

  private static Set<Effect> effects(String sql) {
    return only(sql).effects();
  }

  @Test
  void namesPreparedStatementsAndCursors() {
    assertThat(only("PREPARE \"P\"(int) AS SELECT 1").objectName()).isEqualTo("P");
    assertThat(only("EXECUTE p(1)").objectName()).isEqualTo("p");
    assertThat(only("EXPLAIN (ANALYZE) EXECUTE p").objectName()).isEqualTo("p");
    assertThat(only("CREATE TEMP TABLE x AS EXECUTE p(1)").objectName()).isEqualTo("p");
    assertThat(only("DECLARE c SCROLL CURSOR FOR SELECT 1").objectName()).isEqualTo("c");
    assertThat(only("FETCH BACKWARD ALL IN c").objectName()).isEqualTo("c");
    assertThat(only("FETCH c").objectName()).isEqualTo("c");
    assertThat(only("CLOSE ALL").objectName()).isNull();
    assertThat(only("DEALLOCATE PREPARE ALL").objectName()).isNull();
  }

  @Test
  void explainRunsItsStatementOnlyWithAnalyze() {
    assertThat(only("EXPLAIN SELECT 1").analyzes()).isFalse();
    assertThat(only("EXPLAIN (COSTS OFF, ANALYZE false) SELECT 1").analyzes()).isFalse();
    assertThat(only("EXPLAIN ANALYZE VERBOSE SELECT 1").analyzes()).isTrue();
    assertThat(only("EXPLAIN (VERBOSE, ANALYZE) SELECT 1").analyzes()).isTrue();
    assertThat(only("EXPLAIN (\"analyze\" 1) SELECT 1").analyzes()).isTrue();
  }

  @Test
  void literalsRunOnlyWhereTextBecomesSql() {
    assertThat(only("SELECT 'x'").literalsMayRun()).isFalse();
    assertThat(only("INSERT INTO t VALUES ('x')").literalsMayRun()).isFalse();
    assertThat(only("SELECT 'x'::regclass").literalsMayRun()).isTrue();
    assertThat(only("SELECT regclass(a) FROM t").literalsMayRun()).isFalse();
    assertThat(only("COMMENT ON TABLE t IS 'x'").literalsMayRun()).isFalse();
  }

  @Test
  void dynamicTextIsNoticedAndProseIsNot() {
    assertThat(only("DO $$ BEGIN RAISE NOTICE 'please execute this'; END $$").runsComputedText())
        .isFalse();
    assertThat(only("DO $$ BEGIN EXECUTE 'SELECT 1' INTO x; END $$").runsComputedText()).isFalse();
    assertThat(only("DO $$ BEGIN EXECUTE 'a' 'b'; END $$").runsComputedText()).isTrue();
    assertThat(only("DO $$ BEGIN GRANT EXECUTE ON FUNCTION f() TO x; END $$").runsComputedText())
        .isFalse();
    assertThat(only("SELECT 'EXECUTE x || y'").runsComputedText()).isFalse();
  }

  @Test
  void tooManyNamesInLiteralsAreSaidToBeUnreadable() {
    StringBuilder sql = new StringBuilder("DO '");
    for (int i = 0; i <= LiteralNames.MAX_NAMES; i++) {
      sql.append(" n").append(i);
    }
    StatementFacts facts = only(sql.append("' 'x'").toString());
    assertThat(facts.literalsUnreadable()).isTrue();
    assertThat(facts.runsComputedText()).isTrue();
  }

  @Test
  void clippedAndForeignSpellingsMatchToo() {
    String longName = "ü".repeat(40);
    assertThat(only("SELECT * FROM " + longName).mentions("ü".repeat(31))).isTrue();
    assertThat(only("SELECT * FROM " + longName).mentions(longName)).isTrue();
    assertThat(only("SELECT * FROM ÄRGER").mentions("Ärger")).isTrue();
    assertThat(only("SELECT * FROM ÄRGER").mentions("ärger")).isTrue();
    assertThat(only("SELECT * FROM \"ÄRGER\"").mentions("ärger")).isFalse();
  }
}
