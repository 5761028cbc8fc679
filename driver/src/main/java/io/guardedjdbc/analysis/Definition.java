package io.guardedjdbc.analysis;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a CREATE, ALTER, DROP or REFRESH is about.
 *
 * @param subjectFrom first token of the name of its object
 * @param subjectTo token after that name; equal to {@code subjectFrom} where none was recognised
 * @param names names (last part) and operators that mean something new afterwards
 */
record Definition(int subjectFrom, int subjectTo, Set<String> names) {
  static final Definition NONE = new Definition(0, 0, Set.of());

  private static final Set<String> BEFORE_TYPE =
      Keywords.words(
          "or replace global local temp temporary unlogged recursive materialized unique",
          "constraint event foreign procedural trusted default access text search");

  private static final Set<String> AFTER_TYPE =
      Keywords.words("if not exists concurrently only for family class");

  Definition {
    names = Set.copyOf(names);
  }

  /** The same where its object is read besides. */
  Definition ofNothing() {
    return new Definition(subjectFrom, subjectFrom, names);
  }

  /** Reads the definition that begins with CREATE, ALTER, DROP, REFRESH or IMPORT. */
  static Definition read(TokenList tokens, int from, int to) {
    int i = from + 1;
    while (i < to && BEFORE_TYPE.contains(tokens.word(i))) {
      i++;
    }
    String type = tokens.word(i);
    i++;
    while (i < to && AFTER_TYPE.contains(tokens.word(i)) && !endsName(tokens, i + 1, to)) {
      i++;
    }
    int subject = i;
    boolean unnamedIndex = type.equals("index") && tokens.word(i).equals("on");
    if (!unnamedIndex) {
      i = endOfName(tokens, i, to);
    }
    Set<String> names = new LinkedHashSet<>();
    if (i > subject) {
      names.add(tokens.value(i - 1));
    }
    if (type.equals("operator")) {
      addOperators(tokens, subject, to, names);
    } else if (type.equals("cast")) {
      addNames(tokens, subject, to, names);
    }
    if (type.equals("index")) {
      int table = nameAfter(tokens, i, to, "on");
      int end = endOfName(tokens, table, to);
      return new Definition(table, end, names);
    }
    addAffected(tokens, i, to, names);
    return new Definition(subject, i, names);
  }

  /**
   * Names after ON, TO, OF, INHERIT(S), PARTITION: tables that get a trigger, rule, child, name.
   */
  private static void addAffected(TokenList tokens, int from, int to, Set<String> names) {
    for (int i = from; i < to; i++) {
      switch (tokens.word(i)) {
        case "on", "to", "of", "inherit", "partition", "table", "view" -> {
          int end = endOfName(tokens, i + 1, to);
          if (end > i + 1) {
            names.add(tokens.value(end - 1));
          }
        }
        case "inherits" -> addNames(tokens, i + 1, closing(tokens, i + 1, to), names);
        default -> {}
      }
    }
  }

  private static void addOperators(TokenList tokens, int from, int to, Set<String> names) {
    for (int i = from; i < to && !tokens.isSymbol(i, "("); i++) {
      if (tokens.kind(i) == TokenKind.OPERATOR) {
        names.add(tokens.value(i));
      }
    }
  }

  private static void addNames(TokenList tokens, int from, int to, Set<String> names) {
    for (int i = from; i < to; i++) {
      if (isName(tokens, i)) {
        names.add(tokens.value(i));
      }
    }
  }

  private static int nameAfter(TokenList tokens, int from, int to, String word) {
    for (int i = from; i < to; i++) {
      if (tokens.isWord(i, word)) {
        return tokens.word(i + 1).equals("only") ? i + 2 : i + 1;
      }
    }
    return to;
  }

  /** Index of the parenthesis that closes the one at this index, or the end. */
  static int closing(TokenList tokens, int open, int to) {
    int depth = 0;
    for (int i = open; i < to; i++) {
      if (tokens.isSymbol(i, "(")) {
        depth++;
      } else if (tokens.isSymbol(i, ")") && --depth == 0) {
        return i;
      }
    }
    return to;
  }

  /** Index after the possibly qualified name that begins here; the same index if none does. */
  static int endOfName(TokenList tokens, int from, int to) {
    if (from >= to || !isName(tokens, from)) {
      return from;
    }
    int i = from + 1;
    while (i + 1 < to && tokens.isSymbol(i, ".") && tokens.kind(i + 1).mayName()) {
      i += 2;
    }
    return i;
  }

  private static boolean isName(TokenList tokens, int i) {
    return tokens.kind(i).mayName()
        && !(tokens.kind(i) == TokenKind.WORD && Keywords.isReserved(tokens.value(i)));
  }

  /** Whether the word before this index would be a name by itself: nothing nameable follows. */
  private static boolean endsName(TokenList tokens, int i, int to) {
    return i >= to || !tokens.kind(i).mayName();
  }
}
