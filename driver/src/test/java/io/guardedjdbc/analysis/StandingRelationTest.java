package io.guardedjdbc.analysis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The shortcut past the parser: it says nothing that the parser would not. */
class StandingRelationTest {
  private static final int TEXTS = 800;

  private int standing;
  private int parsed;

  private static Set<String> relationIn(String sql) {
    StatementFacts facts = Analyzer.analyze(sql, true).parts().get(0);
    return requireNonNull(facts.mention("x")).relationIn();
  }

  @Test
  void noParserIsAskedOfARelationInFrom() {
    assertThat(relationIn("SELECT x.a FROM ml.x")).containsExactly("ml");
    assertThat(relationIn("SELECT a FROM t JOIN x USING (a)")).containsExactly("");
    assertThat(relationIn("WITH w AS (SELECT a FROM ml.x) SELECT a FROM w")).containsExactly("ml");
  }

  @Test
  void columnsAliasesAndCommonTablesAreLeftToTheParser() {
    assertThat(relationIn("SELECT x FROM t")).isEmpty();
    assertThat(relationIn("SELECT 1 FROM t AS x WHERE x.a = 1")).isEmpty();
    assertThat(relationIn("WITH x AS (SELECT 1) SELECT * FROM x")).isEmpty();
    assertThat(relationIn("WITH x AS (SELECT 1) SELECT * FROM ONLY x")).isEmpty();
    assertThat(relationIn("SELECT 1 FROM x.t")).isEmpty();
  }

  @Test
  void aNameBeforeItsCommonTableOrWithASchemaIsARelation() {
    assertThat(relationIn("WITH x AS (SELECT * FROM x) SELECT * FROM x")).containsExactly("");
    assertThat(relationIn("WITH x AS (SELECT 1) SELECT * FROM ml.x")).containsExactly("ml");
  }

  private static boolean isCandidate(String sql) {
    return Analyzer.analyze(sql, true).parts().get(0).unknownCandidates().contains("x");
  }

  @Test
  void aCommonTableIsNoNewNameOfTheCatalog() {
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT * FROM t, x")).isFalse();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT * FROM t JOIN (x JOIN u ON a) ON b"))
        .isFalse();
    assertThat(isCandidate("WITH x AS (SELECT * FROM x) SELECT * FROM x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT * FROM x, ml.x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT * FROM x, x(1)")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT a::x FROM x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT cast(a AS x) FROM x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT x 'a' FROM x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) SELECT * FROM ONLY x")).isTrue();
    assertThat(isCandidate("(WITH x AS (SELECT 1) TABLE x) UNION SELECT * FROM x")).isTrue();
    assertThat(isCandidate("WITH x AS (SELECT 1) INSERT INTO x SELECT 1")).isTrue();
  }

  /** Behind another statement and before one, whose words are not its own. */
  @Test
  void commonTablesBelongToTheirOwnStatement() {
    SqlFacts facts =
        Analyzer.analyze("SELECT 1; WITH x AS (SELECT 1) SELECT * FROM x; TABLE x", true);
    assertThat(requireNonNull(facts.parts().get(1).mention("x")).relationIn()).isEmpty();
    assertThat(requireNonNull(facts.parts().get(2).mention("x")).relationIn()).containsExactly("");
  }

  @Test
  void theParserWouldNotHaveTakenItAway() {
    MutatedCorpus.lines().forEach(this::check);
    Random random = new Random(20261122);
    for (int i = 0; i < TEXTS; i++) {
      byte[] input = new byte[160];
      random.nextBytes(input);
      check(MutatedCorpus.text(input));
    }
    assertThat(standing).isGreaterThan(500);
    assertThat(parsed).isGreaterThan(200);
  }

  private void check(String sql) {
    for (StatementFacts part : Analyzer.analyze(sql, true).parts()) {
      for (Mention mention : part.names().values()) {
        for (String schema : mention.relationIn()) {
          Narrowing narrowing = part.narrowing();
          standing++;
          parsed += narrowing.relations().isEmpty() ? 0 : 1;
          String asked = schema.equals(Narrowing.ANY_SCHEMA) ? "anything" : schema;
          assertThat(narrowing.mayBeRelation(mention.name(), asked)).as(sql).isTrue();
          assertThat(narrowing.mayBeRelation(mention.name(), null)).as(sql).isTrue();
        }
      }
    }
  }
}
