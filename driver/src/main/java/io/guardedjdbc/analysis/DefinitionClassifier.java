package io.guardedjdbc.analysis;

import java.util.EnumSet;
import java.util.Set;

/** Tells the CREATE and ALTER that copy rows or run expressions from those that only define. */
final class DefinitionClassifier {
  private static final Set<String> STORES_ROWS =
      Keywords.words("table materialized index statistics");

  private static final Set<String> RUNS_IN_ALTER =
      Keywords.words(
          "default using check generated expression validate attach constraint type add");

  private final TokenList tokens;
  private final int from;
  private final int to;

  DefinitionClassifier(TokenList tokens, int from, int to) {
    this.tokens = tokens;
    this.from = from;
    this.to = to;
  }

  Classification classify() {
    Definition definition = Definition.read(tokens, from, to);
    if (tokens.isWord(from, "alter")) {
      // what it evaluates is stored with the table
      return Classification.defining(
          alterKind(), holds("validate") ? definition.ofNothing() : definition);
    }
    String type = createdType();
    return switch (type) {
      case "table" -> table(definition);
      case "materialized", "index" -> Classification.defining(StatementKind.COPYING, definition);
      case "schema" ->
          Classification.defining(
              holds("index") || holds("partition") ? StatementKind.COPYING : StatementKind.DDL,
              definition);
      case "" -> Classification.of(StatementKind.UNKNOWN, EnumSet.allOf(Effect.class));
      default -> Classification.defining(StatementKind.DDL, definition);
    };
  }

  /** First word after CREATE that tells what is created. */
  private String createdType() {
    for (int i = from + 1; i < to; i++) {
      switch (tokens.word(i)) {
        case "or",
            "replace",
            "global",
            "local",
            "temp",
            "temporary",
            "unlogged",
            "unique",
            "foreign",
            "recursive",
            "constraint",
            "trusted",
            "procedural" -> {}
        default -> {
          return tokens.word(i);
        }
      }
    }
    return "";
  }

  /** CREATE TABLE: a copy with AS; partition bounds are evaluated too. */
  private Classification table(Definition definition) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      if (tokens.isSymbol(i, "(")) {
        depth++;
      } else if (tokens.isSymbol(i, ")")) {
        depth--;
      } else if (depth == 0 && tokens.isWord(i, "as")) {
        Classification copy = Classification.defining(StatementKind.COPYING, definition);
        if (!tokens.word(i + 1).equals("execute") || i + 2 >= to) {
          return copy;
        }
        return new Classification(
            copy.kind(),
            new Classification.Carried(StatementKind.EXECUTE, i + 1, to),
            false,
            copy.effects(),
            tokens.value(i + 2),
            definition);
      }
    }
    return Classification.defining(
        holds("partition") && holds("of") ? StatementKind.COPYING : StatementKind.DDL, definition);
  }

  private StatementKind alterKind() {
    String type = tokens.word(from + 1);
    boolean stores = type.equals("foreign") || type.equals("domain") || STORES_ROWS.contains(type);
    if (!stores) {
      return StatementKind.DDL;
    }
    for (int i = from + 1; i < to; i++) {
      if (RUNS_IN_ALTER.contains(tokens.word(i))) {
        return StatementKind.COPYING;
      }
    }
    return StatementKind.DDL;
  }

  private boolean holds(String word) {
    for (int i = from; i < to; i++) {
      if (tokens.isWord(i, word)) {
        return true;
      }
    }
    return false;
  }
}
