package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.registry.ReaderClock;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A machine's clocks, of which one may jump or stand still, read by threads that may be paused at
 * each reading: the guard reads them at every step. Thread-safe.
 */
final class FaultyClock implements ReaderClock {
  private final ReaderClock real = ReaderClock.system();
  private volatile long missedNanos;
  private volatile long stoodSince = -1;
  private volatile long jumpMillis;
  private volatile double pauses;

  /** How likely a reading is to pause its thread, up to twice a lease. */
  void pausing(double likelihood) {
    pauses = likelihood;
  }

  /** The wall clock shows so much more, or less, than it should. */
  void jump(Duration by) {
    jumpMillis = by.toMillis();
  }

  /** The monotonic clock stands still, until it goes on from there. */
  void still(boolean stands) {
    long now = real.monotonicNanos();
    if (stands && stoodSince < 0) {
      stoodSince = now - missedNanos;
    } else if (!stands && stoodSince >= 0) {
      missedNanos = now - stoodSince;
      stoodSince = -1;
    }
  }

  @Override
  public long monotonicNanos() {
    pause();
    long stood = stoodSince;
    return stood >= 0 ? stood : real.monotonicNanos() - missedNanos;
  }

  @Override
  public long wallMillis() {
    return real.wallMillis() + jumpMillis;
  }

  private void pause() {
    double likelihood = pauses;
    if (likelihood > 0 && ThreadLocalRandom.current().nextDouble() < likelihood) {
      long longest = 2 * ProofStore.LEASE.toMillis();
      LockSupport.parkNanos(
          TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(longest)));
    }
  }
}
