package io.guardedjdbc.analysis;

/**
 * Reads SQL as PostgreSQL's own lexer reads it (14 to 18), in one pass and linear time.
 *
 * <p>The rules are those of the server's {@code scan.l} and of the look-ahead for {@code UESCAPE}
 * in front of its parser. Where versions differ ({@code 1_000}, {@code 0x1F}, letters directly
 * after a number, vertical tab) the reading is chosen that loses no name in any of them; what the
 * server would reject later (for instance a letter after a number) may pass here.
 *
 * <p>One instance reads one text; {@link #lex} is safe for several threads.
 */
public final class SqlLexer {
  /** Longest text that is looked at, in characters. */
  public static final int MAX_LENGTH = 256 << 20;

  /** Most tokens that are kept for one text. */
  public static final int MAX_TOKENS = 16 << 20;

  private static final String OPERATOR_CHARS = "~!@#^&|`?+-*/%<>=";

  /** Characters that let an operator end in + or -. */
  private static final String SIGN_KEEPERS = "~!@#^&|`?%";

  private static final String[] SINGLE = new String[128];

  static {
    for (char c = 0; c < SINGLE.length; c++) {
      SINGLE[c] = String.valueOf(c);
    }
  }

  private final String sql;
  private final boolean conformingStrings;
  private final TokenList tokens = new TokenList();
  private final Literals literals;
  private final String[] words = new String[1024];
  private int position;

  /** First backslash at or after the place that was asked for last; the length if there is none. */
  private int nextBackslash = -1;

  /** End of the operator run that was measured last, and its last characters of interest. */
  private int runEnd;

  private int runLastKeeper;
  private int runLastUnsigned;

  private SqlLexer(String sql, boolean conformingStrings) {
    this.sql = sql;
    this.conformingStrings = conformingStrings;
    this.literals = new Literals(sql, tokens);
  }

  /**
   * The tokens of a text, comments and whitespace dropped.
   *
   * @param sql the text as it is sent
   * @param standardConformingStrings the setting of that name on the server
   * @throws UnlexableException where the server's lexer would stop with an error, for NUL and lone
   *     surrogates (which have no UTF-8), and beyond {@link #MAX_LENGTH} or {@link #MAX_TOKENS}
   */
  public static TokenList lex(String sql, boolean standardConformingStrings)
      throws UnlexableException {
    requireEncodable(sql);
    SqlLexer lexer = new SqlLexer(sql, standardConformingStrings);
    while (lexer.next()) {
      if (lexer.tokens.size() > MAX_TOKENS) {
        throw new UnlexableException("too many tokens", lexer.position);
      }
    }
    return lexer.tokens;
  }

  private static void requireEncodable(String sql) throws UnlexableException {
    if (sql.length() > MAX_LENGTH) {
      throw new UnlexableException("text too long", MAX_LENGTH);
    }
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == 0) {
        throw new UnlexableException("NUL character", i);
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < sql.length()
                && Character.isLowSurrogate(sql.charAt(i + 1));
        if (!pair) {
          throw new UnlexableException("lone surrogate", i);
        }
        i++;
      }
    }
  }

  /** Appends the next token; false at the end of the text. */
  private boolean next() throws UnlexableException {
    skipBlank();
    if (position >= sql.length()) {
      return false;
    }
    int start = position;
    char c = sql.charAt(start);
    char after = at(start + 1);
    if (c == '\'') {
      plainLiteral(start, start + 1);
    } else if ((c == 'e' || c == 'E') && after == '\'') {
      position = literals.escaped(start, start + 2);
    } else if ((c == 'n' || c == 'N') && after == '\'') {
      plainLiteral(start, start + 2);
    } else if ((c == 'b' || c == 'B' || c == 'x' || c == 'X') && after == '\'') {
      position = literals.plain(TokenKind.BITS, start, start + 2);
    } else if ((c == 'u' || c == 'U') && after == '&' && at(start + 2) == '\'') {
      unicode(TokenKind.STRING, start);
    } else if ((c == 'u' || c == 'U') && after == '&' && at(start + 2) == '"') {
      unicode(TokenKind.QUOTED, start);
    } else if (c == '"') {
      position = literals.quotedName(start);
    } else if (Identifiers.isStart(c)) {
      word(start);
    } else if (isDigit(c) || (c == '.' && isDigit(after))) {
      number(start);
    } else if (c == '$') {
      dollar(start);
    } else if (OPERATOR_CHARS.indexOf(c) >= 0) {
      operator(start);
    } else {
      punctuation(start, c, after);
    }
    return true;
  }

  private char at(int index) {
    return index < sql.length() ? sql.charAt(index) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void skipBlank() throws UnlexableException {
    while (position < sql.length()) {
      char c = sql.charAt(position);
      if (Literals.isSpace(c)) {
        position++;
      } else if (c == '-' && at(position + 1) == '-') {
        position = Literals.endOfLine(sql, position);
      } else if (c == '/' && at(position + 1) == '*') {
        skipBlockComment();
      } else {
        return;
      }
    }
  }

  private void skipBlockComment() throws UnlexableException {
    int start = position;
    int depth = 0;
    int i = position;
    do {
      char c = at(i);
      if (c == '/' && at(i + 1) == '*') {
        depth++;
        i += 2;
      } else if (c == '*' && at(i + 1) == '/') {
        depth--;
        i += 2;
      } else if (i >= sql.length()) {
        throw UnlexableException.withoutEnd("comment", start);
      } else {
        i++;
      }
    } while (depth > 0);
    position = i;
  }

  private void plainLiteral(int start, int inside) throws UnlexableException {
    if (conformingStrings) {
      position = literals.plain(TokenKind.STRING, start, inside);
    } else {
      position = literals.escaped(start, inside);
    }
    if (nextBackslash < inside) {
      int found = sql.indexOf('\\', inside);
      nextBackslash = found < 0 ? sql.length() : found;
    }
    if (nextBackslash < position) {
      tokens.markDependsOnConformingStrings();
    }
  }

  /** {@code U&'…'} or {@code U&"…"}, with the UESCAPE that may follow. */
  private void unicode(TokenKind kind, int start) throws UnlexableException {
    if (kind == TokenKind.STRING) {
      tokens.markDependsOnConformingStrings();
      if (!conformingStrings) {
        throw new UnlexableException("U&'' needs standard_conforming_strings", start);
      }
    }
    int mark = tokens.size();
    position =
        kind == TokenKind.STRING
            ? literals.plain(TokenKind.STRING, start, start + 3)
            : literals.rawQuoted(start, start + 3);
    String raw = tokens.value(mark);
    int end = position;
    char escape = '\\';
    skipBlank();
    if (Identifiers.isStart(at(position)) && "uescape".equals(Identifiers.fold(peekWord()))) {
      position += "uescape".length();
      skipBlank();
      char c = at(position);
      int before = tokens.size();
      if (position >= sql.length()
          || !next()
          || tokens.kind(before) != TokenKind.STRING
          || ((c == 'u' || c == 'U') && at(tokens.start(before) + 1) == '&')) {
        throw new UnlexableException("UESCAPE without its character", end);
      }
      escape = Literals.escapeCharacter(tokens.value(before), end);
      tokens.removeLastToken();
      end = position;
    } else {
      position = end;
    }
    tokens.removeLastToken();
    literals.appendUnicode(kind, start, end, raw, escape);
  }

  private String peekWord() {
    int end = position;
    while (end < sql.length() && Identifiers.isPart(sql.charAt(end)) && end - position < 16) {
      end++;
    }
    return sql.substring(position, end);
  }

  private void word(int start) {
    int end = start;
    int hash = 0;
    char seen = 0;
    while (end < sql.length() && Identifiers.isPart(sql.charAt(end))) {
      char c = Identifiers.foldChar(sql.charAt(end++));
      hash = 31 * hash + c;
      seen |= c;
    }
    int slot = (hash ^ (hash >>> 10)) & (words.length - 1);
    String name = words[slot];
    if (name == null || !foldsTo(name, start, end)) {
      name = Identifiers.clip(Identifiers.fold(sql.substring(start, end)));
      words[slot] = name;
    }
    tokens.append(TokenKind.WORD, start, end, name);
    if (seen >= 0x80) {
      tokens.addOtherEncodings(Identifiers.otherEncodings(sql.substring(start, end), true));
    }
    position = end;
  }

  private boolean foldsTo(String name, int start, int end) {
    if (name.length() != end - start) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (Identifiers.foldChar(sql.charAt(i)) != name.charAt(i - start)) {
        return false;
      }
    }
    return true;
  }

  private void number(int start) {
    int end = Numbers.end(sql, start);
    tokens.append(TokenKind.NUMBER, start, end, sql.substring(start, end));
    position = end;
  }

  private void dollar(int start) throws UnlexableException {
    int end = start + 1;
    if (isDigit(at(end))) {
      while (isDigit(at(end))) {
        end++;
      }
      tokens.append(TokenKind.PARAMETER, start, end, sql.substring(start, end));
      position = end;
      return;
    }
    if (Identifiers.isStart(at(end))) {
      while (end < sql.length() && at(end) != '$' && Identifiers.isPart(at(end))) {
        end++;
      }
    }
    if (at(end) != '$') {
      tokens.append(TokenKind.OTHER, start, start + 1, "$");
      position = start + 1;
      return;
    }
    String delimiter = sql.substring(start, end + 1);
    int close = sql.indexOf(delimiter, end + 1);
    if (close < 0) {
      throw UnlexableException.withoutEnd("dollar quote", start);
    }
    position = close + delimiter.length();
    tokens.append(TokenKind.STRING, start, position, sql.substring(end + 1, close));
  }

  private void operator(int start) throws UnlexableException {
    if (start >= runEnd) {
      measureRun(start);
    }
    int end = runEnd;
    if (runLastKeeper < start) {
      end = Math.max(start, runLastUnsigned) + 1;
    }
    if (end - start > Identifiers.MAX_BYTES) {
      throw new UnlexableException("operator too long", start);
    }
    String value = end - start == 1 ? SINGLE[sql.charAt(start)] : sql.substring(start, end);
    tokens.append(TokenKind.OPERATOR, start, end, value.equals("!=") ? "<>" : value);
    position = end;
  }

  /**
   * Measures the run of operator characters from here up to a comment. Without a character of
   * {@link #SIGN_KEEPERS} an operator must not end in a sign, so that a run may hold many tokens:
   * it is measured once for all of them.
   */
  private void measureRun(int start) {
    runLastKeeper = -1;
    runLastUnsigned = -1;
    int i = start;
    for (; i < sql.length() && OPERATOR_CHARS.indexOf(sql.charAt(i)) >= 0; i++) {
      char c = sql.charAt(i);
      if (i > start && ((c == '-' && at(i + 1) == '-') || (c == '/' && at(i + 1) == '*'))) {
        break;
      }
      if (SIGN_KEEPERS.indexOf(c) >= 0) {
        runLastKeeper = i;
      }
      if (c != '+' && c != '-') {
        runLastUnsigned = i;
      }
    }
    runEnd = i;
  }

  private void punctuation(int start, char c, char after) {
    String pair =
        c == ':' && after == ':'
            ? "::"
            : c == ':' && after == '=' ? ":=" : c == '.' && after == '.' ? ".." : "";
    if (!pair.isEmpty()) {
      tokens.append(TokenKind.PUNCTUATION, start, start + 2, pair);
      position = start + 2;
      return;
    }
    TokenKind kind = ",()[].;:".indexOf(c) >= 0 ? TokenKind.PUNCTUATION : TokenKind.OTHER;
    tokens.append(kind, start, start + 1, c < SINGLE.length ? SINGLE[c] : String.valueOf(c));
    position = start + 1;
  }
}
