package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Properties over random texts; the seed is the repetition, so that a failure comes again. */
class RandomTextTest {
  private static final String[] SCRAPS = {
    "select",
    "FROM",
    "guarded_rel",
    "\"a b\"",
    "\"x\"\"y\"",
    "U&\"\\0061\"",
    "u&\"!0062\" uescape '!'/**/",
    "'a'",
    "'it''s'",
    "E'\\'x'",
    "E'\\x41'",
    "U&'\\0041'",
    "$$q'$$",
    "$t$ $$ $t$",
    "B'01'",
    "N'n'",
    "12",
    "1.5e3",
    ".5",
    "0x1F",
    "$1",
    "+",
    "-",
    "=",
    "<>",
    "!=",
    "@>",
    "?",
    "->",
    "::",
    ":=",
    "..",
    ".",
    ",",
    "(",
    ")",
    "[",
    "]",
    ";",
    ":",
    "é",
    "_x$",
    "begin",
    "atomic",
    "end",
    "create",
    "function",
    "with",
    "as"
  };

  private static final String[] BLANKS = {
    " ", "\n", "\t", "\r", "\f", "/**/", "/* ' */", "/* /* \" */ */", "-- '\n", "--/*\n", "  \n  "
  };

  private static final String NASTY =
      "'\"$/*-\\;()[]{}eEuU&xXbBnN?:=.,\n\r\t @~!`|#%^<>+0123456789_aé\u00A0\uD83D\uDE00\0";

  private static List<String> values(TokenList tokens) {
    List<String> values = new ArrayList<>();
    for (Token token : tokens) {
      values.add(token.kind() + " " + token.value());
    }
    return values;
  }

  private static String random(Random random, String[] from) {
    return from[random.nextInt(from.length)];
  }

  /** Any lexable token in a spelling that gives the same token again. */
  private static String print(Token token) {
    return switch (token.kind()) {
      case QUOTED -> '"' + token.value().replace("\"", "\"\"") + '"';
      case STRING -> '\'' + token.value().replace("'", "''") + '\'';
      case BITS -> "B'" + token.value() + '\'';
      default -> token.value();
    };
  }

  @RepeatedTest(200)
  void printedTokensAreReadAgainAsTheSameTokens(RepetitionInfo info) throws UnlexableException {
    Random random = new Random(info.getCurrentRepetition());
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      sql.append(random(random, SCRAPS)).append(random(random, BLANKS));
    }
    TokenList tokens = SqlLexer.lex(sql.toString(), true);
    StringBuilder printed = new StringBuilder();
    for (Token token : tokens) {
      printed.append(print(token)).append(' ');
    }
    assertThat(values(SqlLexer.lex(printed.toString(), true))).isEqualTo(values(tokens));
  }

  @RepeatedTest(200)
  void blanksAndCommentsBetweenTokensChangeNothing(RepetitionInfo info) throws UnlexableException {
    Random random = new Random(info.getCurrentRepetition());
    StringBuilder plain = new StringBuilder();
    StringBuilder commented = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      String scrap = random(random, SCRAPS);
      plain.append(scrap).append(" /**/ ");
      // a block comment first: literals continue over newlines, not over it
      commented.append(scrap).append("/**/");
      for (int j = random.nextInt(4); j >= 0; j--) {
        commented.append(random(random, BLANKS));
      }
    }
    assertThat(values(SqlLexer.lex(commented.toString(), true)))
        .isEqualTo(values(SqlLexer.lex(plain.toString(), true)));
  }

  @RepeatedTest(300)
  void anyTextEndsInFactsOrInDoubt(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    StringBuilder sql = new StringBuilder();
    for (int i = random.nextInt(400); i >= 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> sql.append(random(random, SCRAPS));
        case 1 -> sql.append((char) random.nextInt(0x10000));
        default -> sql.append(NASTY.charAt(random.nextInt(NASTY.length())));
      }
    }
    for (boolean conforming : new boolean[] {true, false}) {
      SqlFacts facts = Analyzer.analyze(sql.toString(), conforming);
      for (StatementFacts part : facts.parts()) {
        part.names().keySet().forEach(name -> part.mayBeRelation(name, "ml"));
        part.literalNames();
        part.runsComputedText();
      }
      assertThat(facts.unlexable() || facts.parts() != null).isTrue();
    }
  }

  @RepeatedTest(200)
  void aNameIsFoundWhateverStandsAroundIt(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    StringBuilder sql = new StringBuilder();
    int place = random.nextInt(50);
    for (int i = 0; i < 50; i++) {
      sql.append(random(random, SCRAPS)).append(random(random, BLANKS)).append("/**/");
      if (i == place) {
        sql.append("Guarded_X").append(random(random, BLANKS));
      }
    }
    SqlFacts facts = Analyzer.analyze(sql.toString(), true);
    assertThat(facts.doubt()).as(sql.toString()).isNull();
    assertThat(facts.mentions("guarded_x")).isTrue();
  }

  @RepeatedTest(100)
  void nestedQuotesAndCommentsHideAndShowNames(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    String inner = "guarded_x";
    int depth = random.nextInt(5);
    for (int i = 0; i < depth; i++) {
      inner =
          switch (random.nextInt(3)) {
            case 0 -> "'" + inner.replace("'", "''") + "'";
            case 1 -> "$q" + i + "$ " + inner + " $q" + i + "$";
            default -> "E'" + inner.replace("\\", "\\\\").replace("'", "\\'") + "'";
          };
    }
    SqlFacts facts = Analyzer.analyze("DO " + inner + " /* guarded_y /* */ */", true);
    StatementFacts part = facts.parts().get(0);
    assertThat(part.mentions("guarded_x")).isEqualTo(depth == 0);
    assertThat(part.literalNames().contains("guarded_x")).isEqualTo(depth > 0);
    assertThat(part.mentions("guarded_y") || part.literalNames().contains("guarded_y")).isFalse();
  }

  @Test
  void everyTokenLandsInExactlyOnePart() throws UnlexableException {
    for (int seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      StringBuilder sql = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        sql.append(random(random, SCRAPS)).append(random.nextInt(5) == 0 ? " ; " : " ");
      }
      TokenList tokens = SqlLexer.lex(sql.toString(), true);
      int next = 0;
      for (StatementSplitter.Part part : StatementSplitter.split(tokens)) {
        for (; next < part.from(); next++) {
          assertThat(tokens.value(next)).isEqualTo(";");
        }
        next = part.to();
      }
      for (; next < tokens.size(); next++) {
        assertThat(tokens.value(next)).isEqualTo(";");
      }
    }
  }
}
