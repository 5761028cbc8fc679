package io.guardedjdbc.analysis;

/** What kind of word of PostgreSQL's language a {@link Token} is. */
public enum TokenKind {
  /** An unquoted word: keyword or identifier, folded to lower case (ASCII only) and clipped. */
  WORD,
  /** A quoted identifier, {@code "…"} or {@code U&"…"}, decoded and clipped; never a keyword. */
  QUOTED,
  /** A string literal of any spelling, decoded. */
  STRING,
  /** A bit string literal, {@code B'…'} or {@code X'…'}; the value is its inside. */
  BITS,
  /** A number. */
  NUMBER,
  /** A numbered parameter, {@code $1}. */
  PARAMETER,
  /** An operator. {@code ?} is one, {@code !=} has the value {@code <>}. */
  OPERATOR,
  /** One of {@code , ( ) [ ] . ; : :: := ..}. */
  PUNCTUATION,
  /** A character that no PostgreSQL statement can hold at this place, such as <code>{</code>. */
  OTHER;

  /** Whether a token of this kind may be the name of something. */
  public boolean mayName() {
    return this == WORD || this == QUOTED;
  }
}
