package io.guardedjdbc.registry;

import java.time.Duration;

/**
 * One reading of the reader's two clocks.
 *
 * @param monotonicNanos nanoseconds since an arbitrary origin
 * @param wallMillis milliseconds since 1970 in UTC
 */
public record Stamp(long monotonicNanos, long wallMillis) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Nanoseconds from here to {@code later}, by whichever clock saw more of them. */
  public long nanosUntil(Stamp later) {
    return nanosUntil(later.monotonicNanos, later.wallMillis);
  }

  /** The same where the later reading is no object. */
  public long nanosUntil(long laterMonotonicNanos, long laterWallMillis) {
    long wall = laterWallMillis - wallMillis;
    long wallNanos =
        wall > Long.MAX_VALUE / NANOS_PER_MILLI ? Long.MAX_VALUE : wall * NANOS_PER_MILLI;
    return Math.max(laterMonotonicNanos - monotonicNanos, wallNanos);
  }

  /** The same as a duration. */
  public Duration until(Stamp later) {
    return Duration.ofNanos(nanosUntil(later));
  }

  /**
   * Whether this reading was surely taken after {@code other}: by the clock that never goes back.
   */
  public boolean isAfter(Stamp other) {
    return monotonicNanos - other.monotonicNanos > 0;
  }
}
