package io.guardedjdbc.analysis;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads and decodes quoted things for the {@link SqlLexer}: literals with their continuation over
 * newlines, and quoted names. Each method appends the token and gives back the index after it.
 */
final class Literals {
  private final String sql;
  private final TokenList tokens;

  Literals(String sql, TokenList tokens) {
    this.sql = sql;
    this.tokens = tokens;
  }

  /** The server's idea of whitespace; vertical tab since 16. */
  static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0x0B;
  }

  static boolean isNewline(char c) {
    return c == '\n' || c == '\r';
  }

  /** Index of the newline that ends the line of this index, or the end of the text. */
  static int endOfLine(String sql, int from) {
    int i = from;
    while (i < sql.length() && !isNewline(sql.charAt(i))) {
      i++;
    }
    return i;
  }

  /** A literal in which only the doubled quote is special; in a bit string not even that. */
  int plain(TokenKind kind, int start, int inside) throws UnlexableException {
    StringBuilder pieces = null;
    int from = inside;
    while (true) {
      int quote = sql.indexOf('\'', from);
      if (quote < 0) {
        throw UnlexableException.withoutEnd("literal", start);
      }
      boolean doubled =
          kind == TokenKind.STRING && quote + 1 < sql.length() && sql.charAt(quote + 1) == '\'';
      int next = doubled ? quote + 2 : continuation(quote + 1);
      if (next < 0) {
        String last = sql.substring(from, quote);
        String value = pieces == null ? last : pieces.append(last).toString();
        tokens.append(kind, start, quote + 1, value);
        return quote + 1;
      }
      pieces = pieces == null ? new StringBuilder() : pieces;
      pieces.append(sql, from, doubled ? quote + 1 : quote);
      from = next;
    }
  }

  /**
   * Where a literal goes on after its closing quote: whitespace with at least one newline, {@code
   * --} comments allowed, then another quote. Gives the index inside that quote, or -1.
   */
  private int continuation(int after) {
    int i = after;
    boolean newline = false;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '\'') {
        return newline ? i + 1 : -1;
      } else if (isNewline(c)) {
        newline = true;
        i++;
      } else if (isSpace(c)) {
        i++;
      } else if (c == '-' && i + 1 < sql.length() && sql.charAt(i + 1) == '-') {
        i = endOfLine(sql, i);
      } else {
        return -1;
      }
    }
    return -1;
  }

  /** A literal with backslash escapes: {@code E'…'}, or any without conforming strings. */
  int escaped(int start, int inside) throws UnlexableException {
    Escapes escapes = new Escapes(start);
    int i = inside;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '\'') {
        boolean doubled = i + 1 < sql.length() && sql.charAt(i + 1) == '\'';
        int next = doubled ? i + 2 : continuation(i + 1);
        if (next < 0) {
          tokens.append(TokenKind.STRING, start, i + 1, escapes.finish());
          return i + 1;
        }
        if (doubled) {
          escapes.add('\'');
        }
        i = next;
      } else if (c == '\\' && i + 1 < sql.length()) {
        i = escapes.escape(i + 1);
      } else {
        escapes.add(c);
        i++;
      }
    }
    throw UnlexableException.withoutEnd("literal", start);
  }

  /** Collects the characters of one escaped literal, with bytes given one by one. */
  private final class Escapes {
    private final int start;
    private final StringBuilder value = new StringBuilder();
    private ByteBuffer bytes = ByteBuffer.allocate(16);
    private char highSurrogate;

    Escapes(int start) {
      this.start = start;
    }

    void add(char c) throws UnlexableException {
      flush();
      value.append(c);
    }

    /** Takes the escape whose backslash is before this index; gives the index after it. */
    int escape(int i) throws UnlexableException {
      char c = sql.charAt(i);
      if (c >= '0' && c <= '7') {
        int end = digitsEnd(i, 3, 8);
        addByte(Integer.parseInt(sql.substring(i, end), 8) & 0xFF);
        return end;
      }
      if (c == 'x' && digitsEnd(i + 1, 2, 16) > i + 1) {
        int end = digitsEnd(i + 1, 2, 16);
        addByte(Integer.parseInt(sql.substring(i + 1, end), 16));
        return end;
      }
      if (c == 'u' || c == 'U') {
        int digits = c == 'u' ? 4 : 8;
        int end = digitsEnd(i + 1, digits, 16);
        if (end != i + 1 + digits) {
          throw new UnlexableException("invalid Unicode escape", i);
        }
        addCodePoint(Long.parseLong(sql.substring(i + 1, end), 16));
        return end;
      }
      add(
          switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> (char) 0x0B;
            default -> c;
          });
      return i + 1;
    }

    private void addByte(int b) throws UnlexableException {
      if (b == 0 || highSurrogate != 0) {
        throw new UnlexableException("invalid byte in literal", start);
      }
      if (b < 0x80) {
        add((char) b);
        return;
      }
      if (!bytes.hasRemaining()) {
        bytes = ByteBuffer.allocate(bytes.capacity() * 2).put(bytes.flip());
      }
      bytes.put((byte) b);
    }

    private void addCodePoint(long codePoint) throws UnlexableException {
      char pending = highSurrogate;
      highSurrogate = 0;
      flush();
      highSurrogate = Unicode.append(value, pending, codePoint, start);
    }

    private void flush() throws UnlexableException {
      if (highSurrogate != 0) {
        throw new UnlexableException("invalid Unicode surrogate pair", start);
      }
      if (bytes.position() > 0) {
        try {
          value.append(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()));
        } catch (CharacterCodingException e) {
          throw new UnlexableException("bytes in literal are no UTF-8", start);
        }
        bytes = ByteBuffer.allocate(16);
      }
    }

    String finish() throws UnlexableException {
      flush();
      return value.toString();
    }

    private int digitsEnd(int from, int most, int radix) {
      int end = from;
      while (end < sql.length()
          && end - from < most
          && sql.charAt(end) < 0x80
          && Character.digit(sql.charAt(end), radix) >= 0) {
        end++;
      }
      return end;
    }
  }

  /** A quoted name. */
  int quotedName(int start) throws UnlexableException {
    int end = rawQuoted(start, start + 1);
    String spelled = tokens.value(tokens.size() - 1);
    tokens.removeLastToken();
    appendName(start, end, spelled);
    return end;
  }

  private void appendName(int start, int end, String spelled) {
    tokens.append(TokenKind.QUOTED, start, end, Identifiers.clip(spelled));
    tokens.addOtherEncodings(Identifiers.otherEncodings(spelled, false));
  }

  /** A quoted name, neither decoded nor clipped. */
  int rawQuoted(int start, int inside) throws UnlexableException {
    StringBuilder name = new StringBuilder();
    int from = inside;
    while (true) {
      int quote = sql.indexOf('"', from);
      if (quote < 0) {
        throw UnlexableException.withoutEnd("quoted name", start);
      }
      name.append(sql, from, quote);
      if (quote + 1 >= sql.length() || sql.charAt(quote + 1) != '"') {
        if (name.length() == 0) {
          throw new UnlexableException("empty quoted name", start);
        }
        tokens.append(TokenKind.QUOTED, start, quote + 1, name.toString());
        return quote + 1;
      }
      name.append('"');
      from = quote + 2;
    }
  }

  /** Appends a {@code U&} literal or name from its raw inside. */
  void appendUnicode(TokenKind kind, int start, int end, String raw, char escape)
      throws UnlexableException {
    String value = Unicode.decode(raw, escape, start);
    if (kind == TokenKind.QUOTED) {
      appendName(start, end, value);
    } else {
      tokens.append(kind, start, end, value);
    }
  }

  /** Checks the operand of UESCAPE. */
  static char escapeCharacter(String operand, int position) throws UnlexableException {
    if (operand.length() == 1) {
      char c = operand.charAt(0);
      boolean hex = c < 0x80 && Character.digit(c, 16) >= 0;
      if (!hex && c < 0x80 && c != '+' && c != '\'' && c != '"' && !isSpace(c)) {
        return c;
      }
    }
    throw new UnlexableException("invalid Unicode escape character", position);
  }
}
