package io.guardedjdbc.refresher.gate;

/** What a gate speaks about, and so what its failure does. */
public enum GateKind {
  /** Code that is live at once: runs before anything else, and a failure revokes. */
  DEFINITION,
  /** The new rows: in atomic mode a failure rolls back and the old certificate stands. */
  DATA
}
