package io.guardedjdbc.refresher.run;

import io.guardedjdbc.registry.ReaderClock;
import java.time.InstantSource;

/** The clocks that a writer waits by: the injected one, and the machine's that never goes back. */
record WriterClock(InstantSource wall) implements ReaderClock {
  @Override
  public long monotonicNanos() {
    return ReaderClock.system().monotonicNanos();
  }

  @Override
  public long wallMillis() {
    return wall.millis();
  }
}
