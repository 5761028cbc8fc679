package io.guardedjdbc.guard;

import java.util.Set;

/**
 * What a statement, a text or a batch needs before it may run.
 *
 * @param entrypoints whose certificates must cover it; empty: it touches nothing guarded
 * @param undo whether it may leave something behind that a refusal must take back
 */
record Decision(Set<String> entrypoints, boolean undo) {
  static final Decision PASS = new Decision(Set.of(), false);

  boolean guarded() {
    return !entrypoints.isEmpty() || undo;
  }
}
