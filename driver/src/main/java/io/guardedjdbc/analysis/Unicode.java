package io.guardedjdbc.analysis;

/** Unicode escapes of {@code U&} literals and names, and the surrogate rules they share. */
final class Unicode {
  private Unicode() {}

  /** Decodes the inside of {@code U&'…'} or {@code U&"…"}. */
  static String decode(String raw, char escape, int position) throws UnlexableException {
    StringBuilder value = new StringBuilder(raw.length());
    char pending = 0;
    int i = 0;
    while (i < raw.length()) {
      char c = raw.charAt(i);
      if (c == escape && i + 1 < raw.length() && raw.charAt(i + 1) != escape) {
        boolean long6 = raw.charAt(i + 1) == '+';
        int from = long6 ? i + 2 : i + 1;
        int to = from + (long6 ? 6 : 4);
        pending = append(value, pending, hex(raw, from, to, position), position);
        i = to;
        continue;
      }
      if (pending != 0 || (c == escape && i + 1 == raw.length())) {
        throw new UnlexableException("invalid Unicode escape", position);
      }
      value.append(c);
      i += c == escape ? 2 : 1;
    }
    if (pending != 0) {
      throw new UnlexableException("invalid Unicode surrogate pair", position);
    }
    return value.toString();
  }

  private static long hex(String raw, int from, int to, int position) throws UnlexableException {
    if (to > raw.length()) {
      throw new UnlexableException("invalid Unicode escape", position);
    }
    long codePoint = 0;
    for (int i = from; i < to; i++) {
      char c = raw.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw new UnlexableException("invalid Unicode escape", position);
      }
      codePoint = codePoint * 16 + digit;
    }
    return codePoint;
  }

  /**
   * Appends one escaped code point, given the high surrogate that came directly before it (or 0).
   * Gives back the high surrogate that waits for its other half, or 0.
   */
  static char append(StringBuilder value, char pending, long codePoint, int position)
      throws UnlexableException {
    if (codePoint <= 0 || codePoint > Character.MAX_CODE_POINT) {
      throw new UnlexableException("invalid Unicode escape value", position);
    }
    boolean low = codePoint >= Character.MIN_LOW_SURROGATE && codePoint <= 0xDFFF;
    if (low != (pending != 0)) {
      throw new UnlexableException("invalid Unicode surrogate pair", position);
    }
    if (low) {
      value.append(pending).append((char) codePoint);
      return 0;
    }
    if (codePoint >= Character.MIN_HIGH_SURROGATE && codePoint < Character.MIN_LOW_SURROGATE) {
      return (char) codePoint;
    }
    value.appendCodePoint((int) codePoint);
    return 0;
  }
}
