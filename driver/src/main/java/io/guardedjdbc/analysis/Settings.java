package io.guardedjdbc.analysis;

import java.util.EnumSet;
import java.util.Set;

/** Which settings we rely on a statement may change. */
final class Settings {
  /** Every setting that can be changed without ending a transaction. */
  static final Set<Effect> ALL =
      Set.of(
          Effect.SEARCH_PATH,
          Effect.ROLE,
          Effect.ISOLATION,
          Effect.STRINGS,
          Effect.ENCODING,
          Effect.ROW_SECURITY);

  private Settings() {}

  /** Effects of SET, RESET or DISCARD. */
  static Set<Effect> effects(TokenList tokens, int from, int to) {
    int i = from + 1;
    if (i >= to) {
      return ALL;
    }
    if (tokens.isWord(from, "discard")) {
      return tokens.word(i).equals("all") ? ALL : Set.of(Effect.DEFINES);
    }
    if (i + 1 < to && (tokens.isWord(i, "local") || tokens.isWord(i, "session"))) {
      switch (tokens.word(i + 1)) {
        case "authorization" -> {
          return Set.of(Effect.ROLE);
        }
        case "characteristics" -> {
          return Set.of(Effect.ISOLATION);
        }
        default -> i++;
      }
    }
    if (!tokens.kind(i).mayName()) {
      return ALL;
    }
    if (tokens.kind(i) == TokenKind.WORD) {
      switch (tokens.value(i)) {
        case "all" -> {
          return ALL;
        }
        case "transaction" -> {
          return Set.of(Effect.ISOLATION);
        }
        case "schema" -> {
          return Set.of(Effect.SEARCH_PATH);
        }
        case "names" -> {
          return Set.of(Effect.ENCODING);
        }
        case "session" -> {
          return Set.of(Effect.ROLE);
        }
        default -> {}
      }
    }
    return effectsOf(tokens.value(i));
  }

  /**
   * Effects of changing the setting of this name, as the server compares names: case does not
   * count.
   */
  static Set<Effect> effectsOf(String setting) {
    return switch (Identifiers.fold(setting)) {
      case "search_path" -> Set.of(Effect.SEARCH_PATH);
      case "role", "session_authorization" -> EnumSet.of(Effect.ROLE);
      case "transaction_isolation", "default_transaction_isolation" -> Set.of(Effect.ISOLATION);
      case "standard_conforming_strings" -> Set.of(Effect.STRINGS);
      case "client_encoding" -> Set.of(Effect.ENCODING);
      case "row_security" -> Set.of(Effect.ROW_SECURITY);
      default -> Set.of();
    };
  }
}
