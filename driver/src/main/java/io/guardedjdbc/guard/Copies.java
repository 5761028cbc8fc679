package io.guardedjdbc.guard;

/** What becomes of statements that copy guarded rows elsewhere. */
public enum Copies {
  /**
   * They run, and leave nothing behind when their release is refused; irrevocable ones don't run.
   */
  UNDO,
  /** They don't run. */
  DENY,
  /** As {@link #UNDO}, and irrevocable ones run as well. */
  ALLOW
}
