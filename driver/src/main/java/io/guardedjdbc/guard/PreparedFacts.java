package io.guardedjdbc.guard;

/**
 * What the guard remembers of one text. Opaque outside the guard, but for how to run it and what it
 * is.
 */
public interface PreparedFacts {
  /**
   * Whether further rows may be fetched by a cursor after the release: false where a volatile
   * function reads something guarded, as it sees new data at every fetch.
   */
  boolean mayStream();

  /** The text as it will be sent. */
  String text();
}
