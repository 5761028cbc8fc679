package io.guardedjdbc.guard;

import io.guardedjdbc.registry.ReaderClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Two clocks that agree: a nanosecond goes by at each reading, and what a test lets pass. */
final class PassingClock implements ReaderClock {
  private final AtomicLong nanos = new AtomicLong();

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public long monotonicNanos() {
    return nanos.incrementAndGet();
  }

  @Override
  public long wallMillis() {
    return nanos.get() / 1_000_000;
  }
}
