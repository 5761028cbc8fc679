package io.guardedjdbc.analysis;

import java.util.Objects;

/**
 * One token of a statement.
 *
 * @param kind what it is
 * @param start index of its first character in the text
 * @param end index after its last character; for literals that continue over a newline and for
 *     {@code UESCAPE}, the end of the last piece
 * @param value canonical value: what PostgreSQL's parser would see (see {@link TokenKind})
 */
public record Token(TokenKind kind, int start, int end, String value) {
  /** Checks that nothing is missing. */
  public Token {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(value, "value");
  }
}
