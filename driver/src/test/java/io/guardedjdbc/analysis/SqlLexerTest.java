package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlLexerTest {

  private static List<String> tokens(String sql) throws UnlexableException {
    return tokens(sql, true);
  }

  private static List<String> tokens(String sql, boolean conformingStrings)
      throws UnlexableException {
    List<String> all = new ArrayList<>();
    for (Token token : SqlLexer.lex(sql, conformingStrings)) {
      all.add(token.kind() + " " + token.value());
    }
    return all;
  }

  @Test
  void foldsWordsByAsciiOnlyWhateverTheLocale() throws UnlexableException {
    assertThat(tokens("SELECT Id ÄÖ _X$1"))
        .containsExactly("WORD select", "WORD id", "WORD ÄÖ", "WORD _x$1");
    assertThat(tokens("AÄIİ")).containsExactly("WORD aÄiİ");
  }

  @Test
  void keepsCaseAndPunctuationOfQuotedNames() throws UnlexableException {
    assertThat(tokens("\"A \"\"b\"\".c\"")).containsExactly("QUOTED A \"b\".c");
  }

  @Test
  void clipsNamesTo63BytesAtAWholeCharacter() throws UnlexableException {
    String name = "a".repeat(62) + "éz";
    assertThat(tokens(name)).containsExactly("WORD " + "a".repeat(62));
    assertThat(tokens("\"" + name + "\"")).containsExactly("QUOTED " + "a".repeat(62));
    assertThat(tokens("a".repeat(64))).containsExactly("WORD " + "a".repeat(63));
    assertThat(tokens("😀".repeat(16))).containsExactly("WORD " + "😀".repeat(15));
  }

  @Test
  void decodesUnicodeNamesAndTheirEscapeCharacter() throws UnlexableException {
    assertThat(tokens("U&\"\\0061b\\+000063\"")).containsExactly("QUOTED abc");
    assertThat(tokens("u&\"!0061\" /* c */ uescape -- d\n '!' x"))
        .containsExactly("QUOTED a", "WORD x");
    assertThat(tokens("u&\"!0061\" UESCAPE $$!$$")).containsExactly("QUOTED a");
    assertThat(tokens("u&\"a\\\\b\"")).containsExactly("QUOTED a\\b");
    assertThat(tokens("U&'\\d83d\\de00'")).containsExactly("STRING 😀");
    assertThat(tokens("u&x")).containsExactly("WORD u", "OPERATOR &", "WORD x");
  }

  @Test
  void decodesEscapesOnlyWhereTheServerDoes() throws UnlexableException {
    assertThat(tokens("'a\\'")).containsExactly("STRING a\\");
    assertThat(tokens("'a\\'b'", false)).containsExactly("STRING a'b");
    assertThat(tokens("E'\\x41\\102\\u0043\\U00000044\\n\\q''\\''"))
        .containsExactly("STRING ABCD\nq''");
    assertThat(tokens("E'\\303\\251'")).containsExactly("STRING é");
    assertThat(tokens("N'a' B'01' X'1F'")).containsExactly("STRING a", "BITS 01", "BITS 1F");
    assertThat(tokens("B'0''a'")).containsExactly("BITS 0", "STRING a");
  }

  @Test
  void continuesLiteralsOverNewlinesButNotOverBlanksOrBlockComments() throws UnlexableException {
    assertThat(tokens("'a'\n'b'")).containsExactly("STRING ab");
    assertThat(tokens("'a' -- it's\n -- more\n\t'b'")).containsExactly("STRING ab");
    assertThat(tokens("E'a\\''\r'\\x62'")).containsExactly("STRING a'b");
    assertThat(tokens("'a' 'b'")).containsExactly("STRING a", "STRING b");
    assertThat(tokens("'a'\n/**/'b'")).containsExactly("STRING a", "STRING b");
    assertThat(tokens("'a'--b")).containsExactly("STRING a");
    assertThat(tokens("'a'\n-1")).containsExactly("STRING a", "OPERATOR -", "NUMBER 1");
  }

  @Test
  void readsDollarQuotesToTheirOwnTag() throws UnlexableException {
    assertThat(tokens("$$a'b$$ $x$ $$ $y$ $x$ a$b$c"))
        .containsExactly("STRING a'b", "STRING  $$ $y$ ", "WORD a$b$c");
    assertThat(tokens("$ö$q$ö$ $1a $ 1$$b$$"))
        .containsExactly("STRING q", "PARAMETER $1", "WORD a", "OTHER $", "NUMBER 1", "STRING b");
  }

  @Test
  void nestsBlockComments() throws UnlexableException {
    assertThat(tokens("a/* /* x */ ' */b/*/ */c --/* \n d")).hasSize(4).contains("WORD d");
  }

  @Test
  void endsOperatorsAtCommentsAndSigns() throws UnlexableException {
    assertThat(tokens("a=-1")).containsExactly("WORD a", "OPERATOR =", "OPERATOR -", "NUMBER 1");
    assertThat(tokens("a@-1")).containsExactly("WORD a", "OPERATOR @-", "NUMBER 1");
    assertThat(tokens("a+/* */b")).containsExactly("WORD a", "OPERATOR +", "WORD b");
    assertThat(tokens("a<--x\n>b")).containsExactly("WORD a", "OPERATOR <", "OPERATOR >", "WORD b");
    assertThat(tokens("a!=b")).containsExactly("WORD a", "OPERATOR <>", "WORD b");
    assertThat(tokens("+-+*+")).containsExactly("OPERATOR +-+*", "OPERATOR +");
    assertThat(tokens("?::x:=y..z=>1"))
        .containsExactly(
            "OPERATOR ?",
            "PUNCTUATION ::",
            "WORD x",
            "PUNCTUATION :=",
            "WORD y",
            "PUNCTUATION ..",
            "WORD z",
            "OPERATOR =>",
            "NUMBER 1");
  }

  @Test
  void readsNumbersOfAllVersions() throws UnlexableException {
    assertThat(tokens("1 1.5 .5 1. 1e5 1.e-3 1_000 0x1F 0b1_0 0o7 1..2 1union 1e 1_ 0x"))
        .containsExactly(
            "NUMBER 1",
            "NUMBER 1.5",
            "NUMBER .5",
            "NUMBER 1.",
            "NUMBER 1e5",
            "NUMBER 1.e-3",
            "NUMBER 1_000",
            "NUMBER 0x1F",
            "NUMBER 0b1_0",
            "NUMBER 0o7",
            "NUMBER 1",
            "PUNCTUATION ..",
            "NUMBER 2",
            "NUMBER 1",
            "WORD union",
            "NUMBER 1",
            "WORD e",
            "NUMBER 1",
            "WORD _",
            "NUMBER 0",
            "WORD x");
  }

  @Test
  void treatsEveryHighCharacterAsPartOfAName() throws UnlexableException {
    assertThat(tokens("a\u00A0b \u2003x")).containsExactly("WORD a\u00A0b", "WORD \u2003x");
    assertThat(tokens("\u00A0 \u0085x")).containsExactly("WORD \u00A0", "WORD \u0085x");
  }

  @Test
  void splitsWordsAtTheServersWhitespaceOnly() throws UnlexableException {
    assertThat(tokens("a\tb\nc\rd\fe\u000Bf")).hasSize(6);
    assertThat(tokens("a\u001Cb")).containsExactly("WORD a", "OTHER \u001C", "WORD b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'a",
        "\"a",
        "\"\"",
        "E'\\u12'",
        "E'a\\",
        "U&'\\12'",
        "U&\"\\d83d\"",
        "/* /* */",
        "$$a",
        "$a$ $b$",
        "U&'a' uescape",
        "U&'a' uescape 'f'",
        "U&'a' uescape x",
        "U&\"a\" uescape U&'!'",
        "B'01",
        "a\0b",
        "\ud83d",
        "x\ude00y",
        "E'\\000'",
        "E'\\xff'",
        "E'\\ud83dx'",
        "U&'\\0000'",
        "U&''' uescape ' '"
      })
  void refusesWhatTheServerCouldNotLex(String sql) {
    assertThatThrownBy(() -> SqlLexer.lex(sql, true)).isInstanceOf(UnlexableException.class);
    assertThat(Analyzer.analyze(sql, true).unlexable()).isTrue();
  }

  @Test
  void refusesUnicodeLiteralsWithoutConformingStrings() {
    assertThatThrownBy(() -> SqlLexer.lex("U&'a'", false)).isInstanceOf(UnlexableException.class);
  }

  @Test
  void refusesOperatorsLongerThanANameAndSaysWhere() {
    assertThatThrownBy(() -> SqlLexer.lex("a " + "@".repeat(64), true))
        .isInstanceOfSatisfying(
            UnlexableException.class, e -> assertThat(e.position()).isEqualTo(2));
  }

  @Test
  void tellsWhetherAnotherSettingWouldReadOtherTokens() throws UnlexableException {
    assertThat(SqlLexer.lex("'a' E'\\n' \"\\\" $$\\$$", true).dependsOnConformingStrings())
        .isFalse();
    assertThat(SqlLexer.lex("'b' 'a\\b'", true).dependsOnConformingStrings()).isTrue();
    assertThat(SqlLexer.lex("U&'a'", true).dependsOnConformingStrings()).isTrue();
  }

  @Test
  void placesTokensInTheText() throws UnlexableException {
    TokenList tokens = SqlLexer.lex("  'a'\n'b' U&\"x\" UESCAPE '!'", true);
    assertThat(tokens.get(0)).isEqualTo(new Token(TokenKind.STRING, 2, 9, "ab"));
    assertThat(tokens.get(1)).isEqualTo(new Token(TokenKind.QUOTED, 10, 27, "x"));
  }
}
