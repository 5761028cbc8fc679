package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A person's or the system's wish that a run ends now: cancels the statement that is running and
 * stops the run at its next step. A commit that is under way is never cancelled. Thread-safe.
 */
public final class Interruption {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicReference<Optional<Session>> cancellable =
      new AtomicReference<>(Optional.empty());

  /** Asks the run to end. */
  public void request() {
    requested.countDown();
    cancellable.getAndSet(Optional.empty()).ifPresent(Interruption::cancel);
  }

  /** Whether the run was asked to end. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Ends the run if it was asked to.
   *
   * @throws Failure {@link ExitCode#INTERRUPTED}
   */
  void check() {
    if (isRequested()) {
      throw failure();
    }
  }

  /** The failure that an interruption ends with. */
  static Failure failure() {
    return new Failure(
        ExitCode.INTERRUPTED,
        "Interrupted: rolled back and recorded; what was certified before still stands");
  }

  /** From here on a request cancels what this session runs. */
  void cancels(Session session) {
    cancellable.set(Optional.of(session));
    check();
  }

  /** From here on a request cancels nothing. */
  void cancelsNothing() {
    cancellable.set(Optional.empty());
  }

  /** Waits, or ends at once when asked to. */
  void await(Duration duration) {
    try {
      if (requested.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure();
    }
  }

  private static void cancel(Session session) {
    try {
      session.cancel();
    } catch (SQLException e) {
      // the server will notice the closed connection; the run stops at its next step
    }
  }
}
