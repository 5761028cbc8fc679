package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a statement, a text or a batch needs before it may run. Thread-safe; kept as long as the
 * guard map says the same.
 */
final class Decision {
  static final Decision PASS = new Decision(Set.of(), false);

  private final Set<String> entrypoints;
  private final boolean undo;
  private volatile @Nullable Before sentOn;

  /**
   * @param entrypoints whose certificates must cover it; empty: it touches nothing guarded
   * @param undo whether it may leave something behind that a refusal must take back
   */
  Decision(Set<String> entrypoints, boolean undo) {
    this.entrypoints = entrypoints;
    this.undo = undo;
  }

  Set<String> entrypoints() {
    return entrypoints;
  }

  boolean undo() {
    return undo;
  }

  boolean guarded() {
    return undo || !entrypoints.isEmpty();
  }

  /** Whether a release covers it that was decided when the same text may have meant another. */
  boolean coveredBy(Lineage release) {
    return !undo && entrypoints.stream().allMatch(release::covers);
  }

  /** What it was sent on the last time; null: never yet. */
  @Nullable Before sentOn() {
    return sentOn;
  }

  void sentOn(Before before) {
    sentOn = before;
  }
}
