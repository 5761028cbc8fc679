package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A person's or the system's wish that a run ends now: cancels the statement that is running and
 * stops the run at its next step. A commit that is under way is never cancelled. Thread-safe.
 */
public final class Interruption {
  private volatile ExitCode code = ExitCode.INTERRUPTED;
  private final CountDownLatch requested = new CountDownLatch(1);
  private final Set<Session> cancellable = ConcurrentHashMap.newKeySet();

  /** Held while a session is cancelled: a cancellation that is late meets its next statement. */
  private final ReentrantLock cancelling = new ReentrantLock();

  /** What a session does. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  /** Asks the run to end, as SIGINT does. */
  public void request() {
    request(ExitCode.INTERRUPTED);
  }

  /** Asks the run to end with this code. */
  public void request(ExitCode with) {
    code = with;
    requested.countDown();
    cancelling.lock();
    try {
      cancellable.forEach(Interruption::cancel);
    } finally {
      cancelling.unlock();
    }
  }

  /** What the process ends with, once it was asked to. */
  public ExitCode code() {
    return code;
  }

  /** Whether the run was asked to end. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Ends the run if it was asked to.
   *
   * @throws Failure {@link ExitCode#INTERRUPTED} or {@link ExitCode#TERMINATED}
   */
  void check() {
    if (isRequested()) {
      throw failure();
    }
  }

  /** The failure that an interruption ends with. */
  private Failure failure() {
    return new Failure(code, "Interrupted");
  }

  /**
   * The same, to be told when the run is over.
   *
   * @param standing what readers see now
   */
  Failure failure(String standing) {
    return new Failure(code, "Interrupted: rolled back and recorded; " + standing);
  }

  /** From here on a request cancels what this session runs, too. */
  void cancels(Session session) {
    cancellable.add(session);
    check();
  }

  /** Work that a request cancels, by a session that it leaves alone before and after. */
  <T> T cancelling(Session session, Work<T> work) throws SQLException {
    try {
      cancels(session);
      return work.run();
    } finally {
      cancelling.lock();
      try {
        cancellable.remove(session);
      } finally {
        cancelling.unlock();
      }
    }
  }

  /** From here on a request cancels nothing. */
  void cancelsNothing() {
    cancellable.clear();
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
