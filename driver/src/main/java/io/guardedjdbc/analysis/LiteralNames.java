package io.guardedjdbc.analysis;

import java.util.HashSet;
import java.util.Set;

/**
 * The names that string literals hold, should their text ever run as SQL: every word in them,
 * however quoted, every operator, and the names in their own literals, level by level.
 *
 * @param names every name found; never complete when {@code unreadable}
 * @param unreadable whether some literal is beyond our limits, so that anything may be in it
 * @param dynamic whether some literal, run as a routine's body, executes text that it computes
 */
record LiteralNames(Set<String> names, boolean unreadable, boolean dynamic) {
  static final LiteralNames NONE = new LiteralNames(Set.of(), false, false);

  /** How deep literals in literals are followed. */
  static final int MAX_DEPTH = 8;

  /** Most distinct names that are kept. */
  static final int MAX_NAMES = 50_000;

  /** Most characters that are read, over all levels. */
  static final long MAX_CHARACTERS = 64L << 20;

  LiteralNames {
    names = Set.copyOf(names);
  }

  /** Reads the literals among these tokens. */
  static LiteralNames read(TokenList tokens, int from, int to) {
    Reader reader = new Reader();
    for (int i = from; i < to; i++) {
      if (tokens.kind(i) == TokenKind.STRING) {
        reader.literal(tokens.value(i), 1);
      }
    }
    return new LiteralNames(reader.names, reader.unreadable, reader.dynamic);
  }

  private static final class Reader {
    final Set<String> names = new HashSet<>();
    boolean unreadable;
    boolean dynamic;
    private long characters;

    void literal(String text, int depth) {
      characters += text.length();
      if (depth > MAX_DEPTH || characters > MAX_CHARACTERS || names.size() > MAX_NAMES) {
        unreadable |= !text.isEmpty();
        return;
      }
      words(text);
      lexed(text, true, depth);
      if (text.indexOf('\\') >= 0) {
        lexed(text, false, depth);
      }
      if (text.indexOf(0x0B) >= 0) {
        // '\v' in an escaped literal is the letter v before PostgreSQL 16
        literal(text.replace((char) 0x0B, 'v'), depth + 1);
      }
    }

    /** Every run of identifier characters, whatever stands around it. */
    private void words(String text) {
      int i = 0;
      while (i < text.length()) {
        if (!Identifiers.isPart(text.charAt(i))) {
          i++;
          continue;
        }
        int start = i;
        while (i < text.length() && Identifiers.isPart(text.charAt(i))) {
          i++;
        }
        String word = text.substring(start, i);
        names.add(Identifiers.clip(word));
        names.add(Identifiers.clip(Identifiers.fold(word)));
      }
    }

    /** What only a lexer sees: escaped and quoted names, literals inside. */
    private void lexed(String text, boolean conformingStrings, int depth) {
      TokenList tokens;
      try {
        tokens = SqlLexer.lex(text, conformingStrings);
      } catch (UnlexableException e) {
        // no text of its own, or a piece of one: then the routine that joins it is dynamic
        dynamic |= depth == 1;
        return;
      }
      for (int i = 0; i < tokens.size(); i++) {
        switch (tokens.kind(i)) {
          case WORD, QUOTED -> {
            if (tokens.kind(i) == TokenKind.WORD) {
              names.addAll(ImpliedOperators.of(tokens.value(i)));
            }
            names.add(tokens.value(i));
            names.addAll(tokens.otherEncodings(i));
            dynamic |=
                tokens.isWord(i, "execute")
                    && (depth == 1 || mayBeCommand(tokens))
                    && computes(tokens, i);
          }
          case STRING -> literal(tokens.value(i), depth + 1);
          case OPERATOR -> names.add(tokens.value(i));
          default -> {}
        }
      }
    }

    /** Whether this inner text may be a command or a body that runs others, rather than prose. */
    private static boolean mayBeCommand(TokenList tokens) {
      for (int i = 0; i < tokens.size(); i++) {
        if (tokens.isSymbol(i, ";")) {
          return true;
        }
      }
      return switch (tokens.word(0)) {
        case "execute", "do", "create", "explain", "begin", "declare" -> true;
        default -> false;
      };
    }

    /** Whether the EXECUTE at this index runs anything but one literal. */
    private static boolean computes(TokenList tokens, int execute) {
      int i = execute + 1;
      if (i >= tokens.size() || tokens.word(i).equals("on")) {
        return false;
      }
      if (tokens.word(i).equals("function") || tokens.word(i).equals("procedure")) {
        return !(i + 1 < tokens.size() && tokens.kind(i + 1).mayName());
      }
      if (tokens.kind(i) != TokenKind.STRING) {
        return true;
      }
      if (i + 1 == tokens.size() || tokens.isSymbol(i + 1, ";")) {
        return false;
      }
      return switch (tokens.word(i + 1)) {
        case "into", "using", "loop" -> false;
        default -> true;
      };
    }
  }
}
