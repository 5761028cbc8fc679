package io.guardedjdbc.analysis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Any text ends in tokens or in the lexer's own error, and the tokens, printed apart from each
 * other as they were spelled, are read as the same again. Called by a fuzzer (profile {@code
 * fuzz}), and with its seeds by a test.
 */
public final class LexerFuzz {
  private LexerFuzz() {}

  /** One input: the first byte chooses the setting, the rest is the text in UTF-8. */
  public static void fuzzerTestOneInput(byte[] input) {
    boolean conforming = conformingStrings(input);
    String sql = text(input);
    TokenList tokens;
    try {
      tokens = SqlLexer.lex(sql, conforming);
    } catch (UnlexableException e) {
      return;
    }
    StringBuilder printed = new StringBuilder();
    for (Token token : tokens) {
      printed.append(sql, token.start(), token.end()).append(' ');
    }
    List<String> again;
    try {
      again = values(SqlLexer.lex(printed.toString(), conforming));
    } catch (UnlexableException e) {
      throw new AssertionError("tokens that can't be lexed again: " + printed, e);
    }
    if (!again.equals(values(tokens))) {
      throw new AssertionError(values(tokens) + " became " + again);
    }
  }

  static boolean conformingStrings(byte[] input) {
    return input.length == 0 || (input[0] & 1) == 0;
  }

  static String text(byte[] input) {
    return input.length < 2 ? "" : new String(input, 1, input.length - 1, StandardCharsets.UTF_8);
  }

  private static List<String> values(TokenList tokens) {
    List<String> values = new ArrayList<>();
    for (Token token : tokens) {
      values.add(token.kind() + " " + token.value());
    }
    return values;
  }
}
