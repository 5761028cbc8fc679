package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;

/**
 * What the {@link Validator} asks before it lets anything go. Pure: nothing here looks or waits.
 */
interface Rules {
  /** Whether the look's certificate stands at {@code now}: CERTIFIED, sensible, within its ages. */
  Verdict standing(String entrypoint, Look look, Stamp now);

  /**
   * For how long after it was sent, by whichever clock saw more of it, the look may be decided on
   * without another: it stands, and leases prove something here. Zero or less: never.
   */
  long usableNanos(String entrypoint, Look look);

  /**
   * Whether rows that were read between two looks may go out at {@code now}.
   *
   * @param before the look, or the registry as the snapshot saw it, that came before the rows
   * @param after a look sent after the result had arrived
   */
  Verdict between(String entrypoint, Look before, Look after, Stamp now);

  /** Whether a look at {@code registry} speaks of the data of {@code own}. */
  boolean sameServer(ServerIdentity own, ServerIdentity registry);

  /** Whether {@code look} may still be decided on at {@code now} without another. */
  default boolean leased(String entrypoint, Look look, Stamp now) {
    return look.sent().nanosUntil(now) < usableNanos(entrypoint, look);
  }
}
