package io.guardedjdbc.guard;

/** What becomes of a statement that no certificate covers. */
public enum Mode {
  /** It is refused. */
  ENFORCE,
  /** It runs, and a warning says why it would be refused. */
  OBSERVE
}
