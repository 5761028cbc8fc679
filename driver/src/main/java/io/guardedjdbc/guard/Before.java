package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What a statement was sent on. Immutable; the same one serves until a later look is known.
 *
 * @param look the look before
 * @param snapshot the registry as the transaction's snapshot sees it; null: each statement takes a
 *     snapshot of its own
 * @param own the server that the data come from
 * @param usableNanos for how long after its sending all may be decided on the look alone
 * @param leased what then covers the rows
 */
record Before(
    Look look, @Nullable Look snapshot, ServerIdentity own, long usableNanos, Lineage leased) {

  /** The earliest state of the registry that the rows may belong to. */
  Look first() {
    return snapshot == null ? look : snapshot;
  }

  /** The same in a transaction that sees this; null: in none. */
  Before under(@Nullable TransactionView view) {
    return view == null || view.snapshotPerStatement()
        ? this
        : new Before(look, view.registry(), own, usableNanos, leased);
  }

  /**
   * Whether it is worth sending on, by the clock that has been read anyway. No promise depends on
   * it: whatever was sent on, the release reads both clocks, and where either says that the lease
   * is over it looks again, and then takes from the first look nothing but its certificate.
   */
  boolean worthSending(long monotonicNanos) {
    return monotonicNanos - look.sent().monotonicNanos() < usableNanos;
  }

  /** Whether the look can be decided on at this reading of both clocks. */
  boolean usable(long monotonicNanos, long wallMillis) {
    return look.sent().nanosUntil(monotonicNanos, wallMillis) < usableNanos;
  }
}
