package io.guardedjdbc.analysis;

/**
 * The text holds something that PostgreSQL's lexer would not accept, or is longer than we look at.
 * It never carries any of the text.
 */
public final class UnlexableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int position;

  private final boolean endless;

  UnlexableException(String reason, int position) {
    this(reason, position, false);
  }

  private UnlexableException(String reason, int position, boolean endless) {
    super(reason, null, false, false);
    this.position = position;
    this.endless = endless;
  }

  /** Of a literal, a quoted name or a comment that the text ends in. */
  static UnlexableException withoutEnd(String what, int position) {
    return new UnlexableException(what + " without end", position, true);
  }

  /** Whether the text ends inside something that has to be closed. */
  boolean endless() {
    return endless;
  }

  /** Index of the character where the trouble begins. */
  public int position() {
    return position;
  }
}
