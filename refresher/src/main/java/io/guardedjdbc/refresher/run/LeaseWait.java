package io.guardedjdbc.refresher.run;

import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Waits until no reader can hold a lease on what was revoked. A quarter longer than the lease and a
 * bit, for clocks that run at different speeds, and by whichever of the writer's two clocks is
 * behind: a suspended laptop stops the one, an operator sets the other.
 */
final class LeaseWait {
  private static final Duration AND_A_BIT = Duration.ofMillis(100);

  private final ReaderClock clock;
  private final Consumer<Duration> pause;

  /**
   * Waits by this clock.
   *
   * @param pause waits for about as long, or throws when the run is to end
   */
  LeaseWait(ReaderClock clock, Consumer<Duration> pause) {
    this.clock = clock;
    this.pause = pause;
  }

  /** How long to wait for leases of at most this length. */
  static Duration after(Duration longestLease) {
    return longestLease.plus(longestLease.dividedBy(4)).plus(AND_A_BIT);
  }

  /** Both clocks, now. */
  Stamp now() {
    return clock.stamp();
  }

  /** Whether both clocks are {@code length} past {@code since}. */
  boolean isOver(Stamp since, Duration length) {
    return advanced(since).compareTo(length) >= 0;
  }

  /** Returns once both clocks are {@code length} past {@code since}. */
  void await(Stamp since, Duration length) {
    Duration left = length.minus(advanced(since));
    while (!left.isNegative() && !left.isZero()) {
      pause.accept(left.plusMillis(1));
      left = length.minus(advanced(since));
    }
  }

  private Duration advanced(Stamp since) {
    Stamp now = clock.stamp();
    Duration monotonic = Duration.ofNanos(now.monotonicNanos() - since.monotonicNanos());
    Duration wall = Duration.ofMillis(now.wallMillis() - since.wallMillis());
    return monotonic.compareTo(wall) < 0 ? monotonic : wall;
  }
}
