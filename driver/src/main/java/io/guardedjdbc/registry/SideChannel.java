package io.guardedjdbc.registry;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one warm connection that reads registry and catalog, beside the application's and never on
 * it: not bound by the caller's transaction, role, isolation or timeouts. Opened when first needed,
 * opened anew when it was cut, closed when nobody has used it for a while. Thread-safe; one caller
 * at a time, the others wait.
 *
 * <p>It does not LISTEN. Notifications are only read with the next answer, when a look brings newer
 * news anyway; LISTEN fails on a standby and behind a transaction pooler, and each listening reader
 * would be woken by every publish.
 */
public final class SideChannel implements AutoCloseable {
  /** Opens a plain connection to the server that the data come from. */
  @FunctionalInterface
  public interface Opening {
    Connection open() throws SQLException;
  }

  /** What a caller does with the connection while it has it. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Runs something later, on a thread of its own choice. */
  @FunctionalInterface
  public interface Later {
    void run(Duration delay, Runnable task);
  }

  /** After so long without a use the connection is closed, or at twice of it at the latest. */
  static final Duration IDLE = Duration.ofMinutes(5);

  private final Duration timeout;
  private final Later later;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile Opening opening;
  private volatile boolean closed;
  private @Nullable Connection connection;
  private long uses;

  /**
   * @param opening gives a new connection in autocommit
   * @param timeout the longest wait for a turn, and for an answer of the server
   */
  public SideChannel(Opening opening, Duration timeout) {
    this(
        opening,
        timeout,
        (delay, task) ->
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(task));
  }

  /** The same with other means of closing it when idle. */
  SideChannel(Opening opening, Duration timeout, Later later) {
    this.opening = opening;
    this.timeout = timeout;
    this.later = later;
  }

  /** From now on it is opened thus: a password may have changed since the last connection. */
  public void openBy(Opening newer) {
    opening = newer;
  }

  /**
   * Runs {@code work} on the connection, alone. A connection that turns out to be cut is replaced
   * once.
   *
   * @throws SQLException RG003 when no turn or no connection could be had in time; what {@code
   *     work} throws where the server answered
   */
  public <T> T call(Work<T> work) throws SQLException {
    takeTurn();
    try {
      uses++;
      Connection open = connection;
      if (open != null) {
        try {
          return work.on(open);
        } catch (SQLException e) {
          if (e instanceof GuardRefusal || !cut(open, e)) {
            throw e;
          }
          drop();
        }
      }
      Connection fresh = open();
      connection = fresh;
      closeIfIdle(fresh);
      try {
        return work.on(fresh);
      } catch (SQLException e) {
        if (cut(fresh, e)) {
          drop();
          throw unreadable("the registry's server stopped answering", e);
        }
        throw e;
      }
    } finally {
      turn.unlock();
      dropIfClosed();
    }
  }

  /** In a while, if nobody uses it until then; else asks again later. */
  private void closeIfIdle(Connection watched) {
    long known = uses;
    later.run(IDLE, () -> closeUnlessUsed(watched, known));
  }

  private void closeUnlessUsed(Connection watched, long knownUses) {
    if (!turn.tryLock()) {
      later.run(IDLE, () -> closeUnlessUsed(watched, knownUses));
      return;
    }
    try {
      if (connection == watched && uses == knownUses) {
        drop();
      } else if (connection == watched) {
        closeIfIdle(watched);
      }
    } finally {
      turn.unlock();
    }
  }

  private void takeTurn() throws SQLException {
    try {
      if (!turn.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw unreadable("the registry did not answer within " + Refusals.age(timeout), null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreadable("the thread was interrupted while it waited for the registry", e);
    }
  }

  private Connection open() throws SQLException {
    Connection fresh;
    try {
      fresh = opening.open();
    } catch (SQLException e) {
      throw unreadable("no connection for reading the registry could be opened", e);
    }
    try (Statement statement = fresh.createStatement()) {
      statement.execute(
          "SET search_path = pg_catalog; SET row_security = off; SET jit = off;"
              + " SET extra_float_digits = 1; SET statement_timeout = "
              + timeout.toMillis());
      return fresh;
    } catch (SQLException e) {
      fresh.close();
      throw unreadable("the connection for reading the registry could not be set up", e);
    }
  }

  private static SQLException unreadable(String what, @Nullable Throwable cause) {
    return Refusals.refusal(GuardState.UNREADABLE, what, "Check the server, then try again", cause);
  }

  private static boolean cut(Connection connection, SQLException e) throws SQLException {
    String state = e.getSQLState();
    return connection.isClosed() || (state != null && state.startsWith("08"));
  }

  private void drop() {
    Connection old = connection;
    connection = null;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        // It is gone either way.
      }
    }
  }

  /** Lets the connection go once it is free; the next call opens another. */
  void reopen() {
    turn.lock();
    try {
      drop();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Closes the connection: now, or when the call under way has ended, which nobody waits for. A
   * later call opens another for itself alone.
   */
  @Override
  public void close() {
    closed = true;
    dropIfClosed();
  }

  /** Whoever has the turn meanwhile does the same after it. */
  private void dropIfClosed() {
    if (closed && turn.tryLock()) {
      try {
        drop();
      } finally {
        turn.unlock();
      }
    }
  }
}
