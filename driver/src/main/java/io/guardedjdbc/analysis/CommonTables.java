package io.guardedjdbc.analysis;

import java.util.HashMap;
import java.util.Map;

/**
 * The common table expressions of the WITH that a statement begins with, and where their names mean
 * them: after their own body, or everywhere with RECURSIVE. Those of an inner WITH are not looked
 * at, and in a statement that writes no name means one (its target never does).
 */
final class CommonTables {
  private static final CommonTables NONE = new CommonTables(Map.of(), new TokenList());

  /** Index of the token from which on a name means its common table expression. */
  private final Map<String, Integer> visibleFrom;

  private final TokenList tokens;

  private CommonTables(Map<String, Integer> visibleFrom, TokenList tokens) {
    this.visibleFrom = visibleFrom;
    this.tokens = tokens;
  }

  /** Those of the statement whose tokens are {@code from} to before {@code to}. */
  static CommonTables of(TokenList tokens, int from, int to, StatementKind kind) {
    if (kind != StatementKind.READ || !tokens.word(from).equals("with")) {
      return NONE;
    }
    boolean recursive =
        tokens.word(from + 1).equals("recursive") && !tokens.word(from + 2).equals("as");
    Map<String, Integer> visibleFrom = new HashMap<>();
    int i = from + (recursive ? 2 : 1);
    while (i < to && tokens.kind(i).mayName()) {
      String name = tokens.value(i++);
      if (i < to && tokens.isSymbol(i, "(")) {
        i = Definition.closing(tokens, i, to) + 1;
      }
      if (!tokens.word(i).equals("as")) {
        return NONE;
      }
      i++;
      if (tokens.word(i).equals("not")) {
        i++;
      }
      if (tokens.word(i).equals("materialized")) {
        i++;
      }
      if (i >= to || !tokens.isSymbol(i, "(")) {
        return NONE;
      }
      i = Definition.closing(tokens, i, to) + 1;
      visibleFrom.put(name, recursive ? from : i);
      if (i >= to || !tokens.isSymbol(i, ",")) {
        break;
      }
      i++;
    }
    return new CommonTables(visibleFrom, tokens);
  }

  /** Whether the relation named by this token is a common table expression. */
  boolean isMeantAt(int token) {
    if (visibleFrom.isEmpty() || tokens.isSymbol(token - 1, ".")) {
      return false;
    }
    Integer from = visibleFrom.get(tokens.value(token));
    return from != null && token >= from;
  }
}
