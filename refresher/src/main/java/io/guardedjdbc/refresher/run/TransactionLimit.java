package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cancels what a session is at once its transaction has lasted longer than it may. A thread of its
 * own watches, because the run's is inside a statement; it is gone when {@link #close} returns, and
 * cancels nothing from then on.
 */
final class TransactionLimit implements AutoCloseable {
  private final Duration limit;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread watch;
  private volatile boolean over;

  private TransactionLimit(Duration limit, Session session) {
    this.limit = limit;
    this.watch = new Thread(() -> watch(session), "transaction-limit");
    watch.setDaemon(true);
  }

  /**
   * Begins to watch.
   *
   * @param limit from now on; zero: none
   */
  static TransactionLimit begin(Duration limit, Session session) {
    TransactionLimit begun = new TransactionLimit(limit, session);
    if (!limit.isZero()) {
      begun.watch.start();
    }
    return begun;
  }

  private void watch(Session session) {
    try {
      if (!closed.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        over = true;
        session.cancel();
      }
    } catch (InterruptedException | SQLException e) {
      // the run finds out at its next step
    }
  }

  /**
   * Ends the run if the transaction has lasted too long.
   *
   * @param cause the error of the statement that was cancelled, if one was
   * @throws Failure {@link ExitCode#COULD_NOT_CHECK}
   */
  void check(@Nullable SQLException cause) {
    if (over) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "The transaction lasted longer than "
              + DurationText.readable(limit)
              + " and was rolled back. Raise --transaction-timeout, or publish in many short"
              + " transactions while readers are refused: --mode staged",
          cause);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      watch.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
