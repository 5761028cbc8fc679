package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlFactsTest {

  private static List<StatementKind> kinds(String sql) {
    return Analyzer.analyze(sql, true).parts().stream().map(StatementFacts::kind).toList();
  }

  @Test
  void splitsAtTopLevelSemicolonsOnly() {
    assertThat(kinds("SELECT ';' ; ; SELECT $$;$$; /* ; */ TABLE \";\""))
        .containsExactly(StatementKind.READ, StatementKind.READ, StatementKind.READ);
    assertThat(kinds("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); SHOW x"))
        .containsExactly(StatementKind.DDL, StatementKind.SHOW);
  }

  @Test
  void bodyOfARoutineEndsWhereTheServerEndsIt() {
    assertThat(
            kinds(
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT CASE WHEN a"
                    + " THEN 1 END; END; SELECT 1; END"))
        .containsExactly(StatementKind.DDL, StatementKind.READ, StatementKind.TRANSACTION);
    assertThat(kinds("CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; SELECT 2"))
        .containsExactly(StatementKind.DDL);
    assertThat(kinds("BEGIN; SELECT 1; END; SELECT 2")).hasSize(4);
  }

  @Test
  void semicolonsThatNothingExplainsTakeThePassAway() {
    assertThat(kinds("DROP TABLE (a; SELECT 1)")).containsExactly(StatementKind.UNKNOWN);
    assertThat(kinds("SET x = (1; SELECT 1)")).containsExactly(StatementKind.UNKNOWN);
  }

  @Test
  void saysWhatComesBeforeARead() {
    assertThat(Analyzer.analyze("BEGIN; SELECT 1", true).setsTransactionBeforeRead()).isTrue();
    assertThat(Analyzer.analyze("SELECT 1; COMMIT", true).setsTransactionBeforeRead()).isFalse();
    assertThat(
            Analyzer.analyze("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1", true)
                .setsTransactionBeforeRead())
        .isTrue();
    assertThat(Analyzer.analyze("SAVEPOINT a; SELECT 1", true).setsTransactionBeforeRead())
        .isFalse();
    assertThat(Analyzer.analyze("SET search_path = a; SELECT 1", true).before(Effect.SEARCH_PATH))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'a",
        "SELECT \"a",
        "SELECT /* a /* b */",
        "SELECT $a$ b $$",
        "SELECT E'\\'",
        "x'"
      })
  void aTextThatEndsInsideALiteralRunsNowhere(String sql) {
    assertThat(Analyzer.analyze(sql, true).runsNowhere()).isTrue();
    assertThat(Analyzer.analyze(sql, false).runsNowhere()).isTrue();
    assertThat(Analyzer.analyze("SELECT 1; " + sql, true).runsNowhere()).isFalse();
    assertThat(Analyzer.analyze(sql + "; SELECT 1", true).runsNowhere()).isFalse();
    assertThat(Analyzer.analyze("SELECT 1", true).runsNowhere()).isFalse();
  }

  @Test
  void aTextThatEndsInsideALiteralUnderOneSettingMayRun() {
    String sql = "SELECT 'a\\'' || x";
    assertThat(Analyzer.analyze(sql, true).unlexable()).isTrue();
    assertThat(Analyzer.analyze(sql, true).runsNowhere()).isFalse();
    assertThat(Analyzer.analyze(sql, false).unlexable()).isFalse();
    assertThat(Analyzer.analyze("SELECT U&'a", true).runsNowhere()).isFalse();
    assertThat(Analyzer.analyze("SELECT '\0", true).runsNowhere()).isFalse();
  }

  @Test
  void textAfterAChangeOfStringLexingTouchesEverythingUnlessItReadsTheSame() {
    String change = "SET standard_conforming_strings = off; ";
    assertThat(Analyzer.analyze(change + "SELECT 'a\\'; SELECT 1 --'", true).unlexable()).isTrue();
    assertThat(Analyzer.analyze(change + "SELECT 'a', E'\\n'", true).unlexable()).isFalse();
    String byFunction = "SELECT set_config('standard_conforming_strings', 'off', false); ";
    assertThat(Analyzer.analyze(byFunction + "SELECT 'a\\'", true).unlexable()).isTrue();
  }

  @Test
  void laterTextIsReadBothWaysWhereAFunctionMayHaveChangedStringLexing() {
    String sql = "SELECT f(); SELECT 'a\\'' FROM guarded_x --'";
    assertThat(Analyzer.analyze(sql, true).mentions("guarded_x")).isTrue();
    assertThat(Analyzer.analyze("SELECT 'a\\'' FROM guarded_x --'", true).mentions("guarded_x"))
        .isFalse();
    assertThat(Analyzer.analyze("SELECT 'a\\'' FROM guarded_x --'", false).mentions("guarded_x"))
        .isTrue();
  }

  @Test
  void doubtNeverHoldsTheText() {
    assertThat(Analyzer.analyze("select 'secret", true).doubt()).doesNotContain("secret");
  }

  @Test
  void cacheKeepsFactsAndDoubtsBySettingAndWithinItsWeight() {
    CachedAnalyzer analyzer = new CachedAnalyzer(100_000);
    String sql = "SELECT a FROM b";
    assertThat(analyzer.analyze(sql, true)).isSameAs(analyzer.analyze(sql, true));
    assertThat(analyzer.analyze(sql, false)).isNotSameAs(analyzer.analyze(sql, true));
    assertThat(analyzer.analyze("'", true)).isSameAs(analyzer.analyze("'", true));
    for (int i = 0; i < 10_000; i++) {
      analyzer.analyze("SELECT a FROM b WHERE c = " + i, true);
    }
    assertThat(analyzer.size()).isBetween(10L, 200L);
  }

  @Test
  void cacheDoesNotKeepHugeTexts() {
    CachedAnalyzer analyzer = new CachedAnalyzer();
    analyzer.analyze("SELECT " + "a,".repeat(CachedAnalyzer.MAX_CACHED_LENGTH) + "b", true);
    assertThat(analyzer.size()).isZero();
  }

  @Test
  void oneOfTwoReadingsIsLeftOutOnlyWhereNothingOfItRuns() {
    assertThat(Analyzer.analyzeBoth("SELECT '\\' FROM ml.store").unlexable()).isFalse();
    assertThat(Analyzer.analyzeBoth("SELECT '\\' FROM ml.store").parts()).hasSize(1);
    assertThat(Analyzer.analyzeBoth("SELECT '\\'' FROM ml.store").parts()).hasSize(1);
    assertThat(Analyzer.analyzeBoth("SELECT '\\' ; SELECT 1; SELECT '").unlexable()).isTrue();
    assertThat(Analyzer.analyzeBoth("SELECT '\\'' ; SELECT 1; SELECT '").unlexable()).isTrue();
  }
}
