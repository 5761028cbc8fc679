package io.guardedjdbc.analysis;

/** Where a number of PostgreSQL 16 and later ends (older ones know fewer forms). */
final class Numbers {
  private Numbers() {}

  /** Index after the number that begins here, with a digit or with a point before a digit. */
  static int end(String sql, int start) {
    char second = at(sql, start + 1);
    if (sql.charAt(start) == '0' && "xXoObB".indexOf(second) >= 0 && second != 0) {
      int radix = second == 'x' || second == 'X' ? 16 : second == 'o' || second == 'O' ? 8 : 2;
      int end = digits(sql, start + 2, radix, true);
      if (end > start + 2) {
        return end;
      }
    }
    int end = digits(sql, start, 10, false);
    if (at(sql, end) == '.' && at(sql, end + 1) != '.') {
      end = digits(sql, end + 1, 10, false);
    }
    char e = at(sql, end);
    if (e == 'e' || e == 'E') {
      char sign = at(sql, end + 1);
      int exponent = sign == '+' || sign == '-' ? end + 2 : end + 1;
      int exponentEnd = digits(sql, exponent, 10, false);
      if (exponentEnd > exponent) {
        return exponentEnd;
      }
    }
    return end;
  }

  /** Digits of this radix with single underscores between (and, where allowed, in front). */
  private static int digits(String sql, int start, int radix, boolean leadingUnderscore) {
    int end = start;
    while (true) {
      char c = at(sql, end);
      boolean underscore =
          c == '_' && (end > start || leadingUnderscore) && isDigit(at(sql, end + 1), radix);
      if (!underscore && !isDigit(c, radix)) {
        return end;
      }
      end++;
    }
  }

  private static boolean isDigit(char c, int radix) {
    return c < 0x80 && Character.digit(c, radix) >= 0;
  }

  private static char at(String sql, int index) {
    return index < sql.length() ? sql.charAt(index) : 0;
  }
}
