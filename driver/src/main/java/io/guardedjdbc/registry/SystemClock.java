package io.guardedjdbc.registry;

/** The clocks of the machine that the JVM runs on. */
@WallClock
enum SystemClock implements ReaderClock {
  INSTANCE;

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }
}
