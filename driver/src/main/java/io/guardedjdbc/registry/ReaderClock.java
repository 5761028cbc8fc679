package io.guardedjdbc.registry;

/**
 * The reader's two clocks. Leases are measured on both, as a suspended machine stops the one and an
 * operator sets the other. Thread-safe.
 */
public interface ReaderClock {
  /** Nanoseconds since an arbitrary origin; never goes back. */
  long monotonicNanos();

  /** Milliseconds since 1970 in UTC; may jump either way. */
  long wallMillis();

  /** Both clocks, read now. */
  default Stamp stamp() {
    return new Stamp(monotonicNanos(), wallMillis());
  }

  /** The clocks of this machine. */
  static ReaderClock system() {
    return SystemClock.INSTANCE;
  }
}
