package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that are huge, deep or broken: an answer always, soon, and never by an exception. */
class BadInputTest {
  /** Far above what they take; a rule of quadratic cost takes minutes. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Texts of 1 to 4 MB. */
  private static final int MANY = 1 << 18;

  static Stream<org.junit.jupiter.params.provider.Arguments> hugeTexts() {
    return Stream.of(
        text("words", "a_word ".repeat(MANY)),
        text("commas", "select a" + ",a".repeat(4 * MANY)),
        text("signs", "select " + "+ ".repeat(MANY) + "+".repeat(4 * MANY)),
        text("operators", "select a" + " @-+ b".repeat(MANY)),
        text("one operator run", "select a " + "=+".repeat(4 * MANY)),
        text("literal", "select '" + "x''".repeat(2 * MANY) + "'"),
        text("literals", "insert into t values " + "('a\\b'),".repeat(MANY)),
        text("literals over lines", "select 'a'" + "\n'b'".repeat(MANY)),
        text("literal, then blanks", "select 'a'" + " --x\n".repeat(MANY) + "x"),
        text("unicode names", "select " + "u&\"a\"\n".repeat(MANY)),
        text("comments", "/*".repeat(2 * MANY) + "*/".repeat(2 * MANY)),
        text("comment without end", "select 1 /*" + "*".repeat(8 * MANY)),
        text("dollar quote", "select $a$" + "$b$".repeat(2 * MANY) + "$a$"),
        text("dollars", "$".repeat(4 * MANY)),
        text("tags", "select " + "$x".repeat(4 * MANY)),
        text("parentheses", "(".repeat(4 * MANY)),
        text("subselects", "select (".repeat(MANY)),
        text("statements", "select 1;".repeat(MANY)),
        text("statements with backslash", "select '\\';".repeat(MANY / 4)),
        text("definitions", "create function f() begin atomic;".repeat(MANY / 4)),
        text("points", "a.".repeat(4 * MANY)),
        text("numbers", "1_".repeat(4 * MANY)),
        text("one word", "é".repeat(8 * MANY)),
        text("calls", "f(".repeat(4 * MANY)),
        text("set_config", "select set_config('a',".repeat(MANY / 4)),
        text("explain", "explain ".repeat(MANY)),
        text("prepare", "prepare p as ".repeat(MANY / 2)),
        text("casts", "select a" + "::b".repeat(2 * MANY)));
  }

  private static org.junit.jupiter.params.provider.Arguments text(String name, String sql) {
    return org.junit.jupiter.params.provider.Arguments.of(name, sql);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hugeTexts")
  void hugeTextsTakeLinearTime(String name, String sql) {
    Assertions.assertTimeout(
        LIMIT,
        () -> {
          SqlFacts facts = Analyzer.analyze(sql, true);
          facts.parts().stream().limit(3).forEach(part -> part.mayBeRelation("a", "ml"));
        });
  }

  @Test
  void tenMegabytesDoNotHang() {
    String[] texts = {
      "insert into t values " + "(1, 'abc', 2.5), ".repeat(600_000),
      "select '" + "x".repeat(10_000_000),
      "do $$ begin perform '" + "guarded_rel ".repeat(900_000) + "'; end $$"
    };
    for (String sql : texts) {
      Assertions.assertTimeout(
          LIMIT, () -> Analyzer.analyze(sql, true).parts().forEach(StatementFacts::literalNames));
    }
  }

  @Test
  void deepNestingKeepsTheMatchInsteadOfParsing() {
    for (int depth : new int[] {100, 2_000, 10_000}) {
      String sql =
          "SELECT guarded_rel FROM t WHERE a = " + "(".repeat(depth) + "1" + ")".repeat(depth);
      Assertions.assertTimeout(
          LIMIT,
          () ->
              assertThat(
                      Analyzer.analyze(sql, true).parts().get(0).mayBeRelation("guarded_rel", null))
                  .isTrue());
    }
  }

  @Test
  void whatIsJustWithinTheLimitsIsParsedSoon() {
    int depth = CanonicalText.MAX_NESTING;
    String[] texts = {
      "SELECT guarded_rel FROM t WHERE a = " + "(".repeat(depth) + "1" + ")".repeat(depth),
      "SELECT guarded_rel FROM t WHERE "
          + "(a = 1 OR (".repeat(depth / 2)
          + "b"
          + "))".repeat(depth / 2),
      "SELECT guarded_rel FROM t WHERE a IN "
          + "(SELECT f(a) FROM t WHERE a IN ".repeat(depth - 1)
          + "(1)"
          + ")".repeat(depth - 1),
      "SELECT guarded_rel, " + "f(".repeat(depth) + "1" + ")".repeat(depth) + " FROM t",
      "SELECT guarded_rel, "
          + "CASE WHEN a THEN ".repeat(depth)
          + "1"
          + " END".repeat(depth)
          + " FROM t",
      "SELECT guarded_rel FROM " + "(SELECT * FROM ".repeat(depth) + "t" + ") x".repeat(depth),
      "SELECT guarded_rel FROM " + "(".repeat(depth) + "t x" + " CROSS JOIN u)".repeat(depth),
      "SELECT guarded_rel FROM t WHERE a = 1" + " OR a = 2 AND b = 3".repeat(300),
      "SELECT guarded_rel" + ", a + b".repeat(900) + " FROM t",
      "INSERT INTO t (guarded_rel) VALUES (1)" + ", (2)".repeat(900),
    };
    for (String sql : texts) {
      Assertions.assertTimeout(
          LIMIT,
          () -> Analyzer.analyze(sql, true).parts().get(0).mayBeRelation("guarded_rel", "ml"),
          sql);
    }
  }

  @Test
  void nulAndLoneSurrogatesTouchEverything() {
    for (String sql :
        new String[] {"\0", "select '\0'", "select \ud800", "--\udc00", "\udc00\ud800"}) {
      assertThat(Analyzer.analyze(sql, true).unlexable()).isTrue();
    }
  }

  @Test
  void emptyTextHasNoPartsAndPasses() {
    for (String sql : new String[] {"", " ", ";;", "-- x", "/* x */ ; \n"}) {
      SqlFacts facts = Analyzer.analyze(sql, true);
      assertThat(facts.parts()).isEmpty();
      assertThat(facts.unlexable()).isFalse();
      assertThat(facts.passes()).isTrue();
    }
  }
}
