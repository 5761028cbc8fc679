package io.guardedjdbc.analysis;

/**
 * The text holds something that PostgreSQL's lexer would not accept, or is longer than we look at.
 * It never carries any of the text.
 */
public final class UnlexableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int position;

  UnlexableException(String reason, int position) {
    super(reason, null, false, false);
    this.position = position;
  }

  /** Index of the character where the trouble begins. */
  public int position() {
    return position;
  }
}
