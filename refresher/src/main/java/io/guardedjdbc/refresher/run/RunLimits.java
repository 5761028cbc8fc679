package io.guardedjdbc.refresher.run;

import java.time.Duration;

/**
 * How long a run waits, and how long parts of it may last. Zero stands for no limit.
 *
 * @param lock how long to wait for one lock
 * @param attempts how often what a lock stopped is tried before giving up, at least 1
 * @param statement how long one statement may take, a refresh among them
 * @param transaction how long the transaction of an atomic run may last before it publishes
 */
public record RunLimits(Duration lock, int attempts, Duration statement, Duration transaction) {
  /** Locks and attempts alone. */
  public static RunLimits ofLocks(Duration lock, int attempts) {
    return new RunLimits(lock, attempts, Duration.ZERO, Duration.ZERO);
  }
}
