package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits tokens at the semicolons between statements. Every token lands in exactly one part, so no
 * name is lost, however wrong the text.
 *
 * <p>A semicolon in parentheses (CREATE RULE) does not split. In CREATE FUNCTION or PROCEDURE the
 * words BEGIN ATOMIC open a body that ends with the first END directly after a semicolon (or after
 * ATOMIC): CASE expressions and labels called {@code end} can't stand there.
 */
final class StatementSplitter {
  /** Tokens {@code from} (inclusive) to {@code to} (exclusive) of one statement. */
  record Part(int from, int to) {}

  private StatementSplitter() {}

  /** The parts, empty ones left out. */
  static List<Part> split(TokenList tokens) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    int depth = 0;
    boolean atomic = false;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.kind(i) == TokenKind.PUNCTUATION) {
        String symbol = tokens.value(i);
        if (symbol.equals("(") || symbol.equals("[")) {
          depth++;
        } else if (symbol.equals(")") || symbol.equals("]")) {
          depth = Math.max(0, depth - 1);
        } else if (symbol.equals(";") && depth == 0 && !atomic) {
          add(parts, from, i);
          from = i + 1;
        }
      } else if (tokens.isWord(i, "atomic") && !atomic && tokens.word(i - 1).equals("begin")) {
        atomic = depth == 0 && isRoutine(tokens, from);
      } else if (atomic && depth == 0 && tokens.isWord(i, "end")) {
        atomic = !(tokens.isSymbol(i - 1, ";") || tokens.isWord(i - 1, "atomic"));
      }
    }
    add(parts, from, tokens.size());
    return parts;
  }

  private static void add(List<Part> parts, int from, int to) {
    if (from < to) {
      parts.add(new Part(from, to));
    }
  }

  /** Whether the statement that begins here is CREATE [OR REPLACE] FUNCTION or PROCEDURE. */
  static boolean isRoutine(TokenList tokens, int from) {
    if (!tokens.word(from).equals("create")) {
      return false;
    }
    int i = from + 1;
    if (tokens.word(i).equals("or") && tokens.word(i + 1).equals("replace")) {
      i += 2;
    }
    return tokens.word(i).equals("function") || tokens.word(i).equals("procedure");
  }
}
