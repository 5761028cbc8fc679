package io.guardedjdbc.analysis;

import java.util.BitSet;

/**
 * Tells, from the tokens alone, whether a name stands where a relation may stand: after FROM, JOIN,
 * INTO and their like, in the comma lists and parentheses of such a clause, or as a type. It says
 * yes too often ({@code IS DISTINCT FROM x}), never too seldom. Fed one token after the other.
 */
final class Positions {
  private final TokenList tokens;
  private final boolean writes;

  /** One bit a nesting level: whether a list of relations is open there. */
  private final BitSet fromClause = new BitSet();

  private final BitSet castArgument = new BitSet();

  /** One bit a nesting level: whether FROM stands between two expressions there. */
  private final BitSet fromOfFunction = new BitSet();

  private int depth;

  Positions(TokenList tokens, StatementKind kind) {
    this.tokens = tokens;
    this.writes = kind == StatementKind.WRITE || kind == StatementKind.UNKNOWN;
  }

  /** Takes note of a token that is no name. */
  void pass(int i, int first) {
    if (tokens.kind(i) == TokenKind.PUNCTUATION) {
      switch (tokens.value(i)) {
        case "(" -> {
          boolean from = i > first && opensRelations(i - 1);
          String before = i > first ? tokens.word(i - 1) : "";
          depth++;
          fromClause.set(depth, from);
          castArgument.set(depth, before.equals("cast") || before.equals("treat"));
          fromOfFunction.set(depth, Keywords.takesFrom(before));
        }
        case "[" -> {
          depth++;
          fromClause.clear(depth);
          fromOfFunction.clear(depth);
          castArgument.clear(depth);
        }
        case ")", "]" -> depth = Math.max(0, depth - 1);
        default -> {}
      }
    } else if (tokens.kind(i) == TokenKind.WORD && !(i > first && tokens.isSymbol(i - 1, "."))) {
      // after a point even a reserved word is a name
      String word = tokens.value(i);
      if (word.equals("from") || word.equals("join")) {
        fromClause.set(depth, word.equals("join") || !fromOfFunction.get(depth));
      } else if (word.equals("select")) {
        fromOfFunction.clear(depth); // INSERT INTO "trim" (SELECT …) needs no quotes
      } else if (Keywords.endsFrom(word) && !isWithinGroup(i, word)) {
        fromClause.clear(depth);
      }
    }
  }

  /** WITHIN GROUP belongs to an aggregate, which may stand in a join condition. */
  private boolean isWithinGroup(int i, String word) {
    return word.equals("group") && tokens.word(i - 1).equals("within");
  }

  private boolean opensRelations(int before) {
    return switch (tokens.word(before)) {
      case "from", "join", "only", "lateral" -> true;
      case "using" -> writes;
      default ->
          fromClause.get(depth) && (tokens.isSymbol(before, ",") || tokens.isSymbol(before, "("));
    };
  }

  /** First token of the dotted name that ends with this one. */
  static int chainStart(TokenList tokens, int i, int first) {
    int start = i;
    while (start - 2 >= first
        && tokens.isSymbol(start - 1, ".")
        && tokens.kind(start - 2).mayName()) {
      start -= 2;
    }
    return start;
  }

  /**
   * Whether a name that may be a relation by its place is a type: after {@code ::}, or in a CAST.
   */
  boolean isType(int chainStart, int first) {
    int before = chainStart - 1;
    return before >= first && (tokens.isSymbol(before, "::") || tokens.isWord(before, "as"));
  }

  /** Whether a relation (or a type) may be meant by the name whose first token is this one. */
  boolean mayBeRelation(int chainStart, int first) {
    int before = chainStart - 1;
    if (before < first) {
      return true;
    }
    switch (tokens.kind(before)) {
      case WORD -> {
        String word = tokens.value(before);
        if (word.equals("from")) {
          return !fromOfFunction.get(depth);
        }
        return Keywords.isBeforeRelation(word) || (word.equals("as") && castArgument.get(depth));
      }
      case PUNCTUATION -> {
        return switch (tokens.value(before)) {
          case "::" -> true;
          case ",", "(" -> fromClause.get(depth);
          default -> false;
        };
      }
      default -> {
        return false;
      }
    }
  }
}
