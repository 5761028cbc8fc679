package io.guardedjdbc.analysis;

/**
 * A statement printed again for a parser of another dialect: single blanks, no comments, a fixed
 * literal for every literal, and instead of each name a quoted tag with the number of its token.
 * What the parser makes of a tag is what it makes of that one occurrence; tags can't be lexed in
 * two ways, and none is a keyword anywhere.
 */
final class CanonicalText {
  /** Most tokens that are given to the parser. */
  static final int MAX_TOKENS = 4_000;

  /**
   * Deepest nesting of parentheses, brackets and CASE that is given to the parser: its time grows
   * fast with depth.
   */
  static final int MAX_NESTING = 30;

  private final TokenList tokens;
  private final StringBuilder text = new StringBuilder();

  private CanonicalText(TokenList tokens) {
    this.tokens = tokens;
  }

  /** The text, or the empty string where it is too long, too deep or holds what no parser knows. */
  static String print(TokenList tokens) {
    return new CanonicalText(tokens).print();
  }

  /** How a name is printed. */
  static String tag(int token) {
    return "\"t" + token + '"';
  }

  /** The token of a tag, with or without its quotes; -1 for anything else. */
  static int tokenOf(String tag) {
    int length = tag.length();
    if (length < 4
        || tag.charAt(0) != '"'
        || tag.charAt(1) != 't'
        || tag.charAt(length - 1) != '"') {
      return -1;
    }
    int token = 0;
    for (int i = 2; i < length - 1; i++) {
      int digit = tag.charAt(i) - '0';
      if (digit < 0 || digit > 9 || token > MAX_TOKENS) {
        return -1;
      }
      token = token * 10 + digit;
    }
    return token;
  }

  private String print() {
    if (tokens.size() > MAX_TOKENS) {
      return "";
    }
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      String value = tokens.value(i);
      switch (tokens.kind(i)) {
        case WORD, QUOTED -> {
          text.append(isName(i) ? tag(i) : value);
          depth += tokens.isWord(i, "case") ? 1 : tokens.isWord(i, "end") ? -1 : 0;
        }
        case STRING -> text.append("'x'");
        case BITS -> text.append("'1'");
        case NUMBER -> text.append('1');
        case PARAMETER -> text.append('?');
        case OPERATOR -> text.append(value);
        case PUNCTUATION -> {
          switch (value) {
            case "(", "[" -> depth++;
            case ")", "]" -> depth--;
            case ":", ":=", ".." -> {
              return "";
            }
            default -> {}
          }
          text.append(value);
        }
        case OTHER -> {
          return "";
        }
      }
      if (depth > MAX_NESTING) {
        return "";
      }
      text.append(' ');
    }
    return text.toString();
  }

  /**
   * Whether the token is printed as a tag: no keyword, and not the name of a type, which the parser
   * knows only by its own name. What is not tagged is never proved harmless.
   */
  private boolean isName(int i) {
    if (tokens.kind(i) == TokenKind.WORD) {
      boolean afterPoint = i > 0 && tokens.isSymbol(i - 1, ".");
      if (!afterPoint && Keywords.isKeyword(tokens.value(i))) {
        return false;
      }
    }
    boolean typed = i + 1 < tokens.size() && tokens.kind(i + 1) == TokenKind.STRING;
    boolean cast = i > 0 && tokens.isSymbol(i - 1, "::");
    return (!typed && !cast) || tokens.kind(i) == TokenKind.QUOTED;
  }
}
