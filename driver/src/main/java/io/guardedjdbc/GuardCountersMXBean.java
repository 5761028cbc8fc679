package io.guardedjdbc;

import java.util.Map;

/** Totals since the guard was loaded; none ever goes down. */
public interface GuardCountersMXBean {
  /**
   * Guarded statements whose result, or own error, was released. Exact where no connection is used
   * by two threads at once.
   */
  long getReleased();

  /** Refusals by state, {@code RG001} and so on; states that never occurred are absent. */
  Map<String, Long> getRefused();

  /** What {@code guard.mode=observe} let go that would have been refused. */
  long getObserved();

  /** Reads of the registry over the side connection. */
  long getLooks();

  /** Guard maps read, of all servers. */
  long getMapLoads();

  /** Statements run once more because a certificate had changed meanwhile. */
  long getReruns();

  /** Side connections opened. */
  long getSideConnections();
}
