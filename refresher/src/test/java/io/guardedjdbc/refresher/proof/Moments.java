package io.guardedjdbc.refresher.proof;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waiting as a fault, not as a way to find out whether something has happened. */
final class Moments {
  private Moments() {}

  static void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** Does it so much later, while the caller goes on. */
  static void later(long millis, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              pause(millis);
              work.run();
            },
            "proof later");
    thread.setDaemon(true);
    thread.start();
  }

  /** Until it happens, but not for ever: a run that failed before has nobody to go on. */
  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(5, TimeUnit.SECONDS)) {
        latch.countDown();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
