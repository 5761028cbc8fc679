package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.GuardMapLoad.Loaded;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The guard map that all connections of the JVM to one server and database share. One thread reads
 * at a time; whoever else needs the map waits and takes what that thread brought, where it was sent
 * late enough, and otherwise reads in turn. Thread-safe; no lock is held during I/O.
 */
public final class SharedGuardMap {
  private static final AtomicLong VERSIONS = new AtomicLong();
  private static final long ANY_AGE = Long.MAX_VALUE / 2;

  /** A map, and when it was last known to be what the server has. */
  private record Checked(Loaded loaded, long sentNanos, long invalidations) {}

  private final GuardMapOptions options;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicLong invalidations = new AtomicLong();
  private volatile @Nullable Checked last;

  /** Completes when the reading under way has ended, well or not; null: none is under way. */
  private @Nullable CompletableFuture<Void> underWay;

  /**
   * A map not read yet.
   *
   * @param nanoTime monotonic clock, in nanoseconds since any origin
   */
  public SharedGuardMap(GuardMapOptions options, LongSupplier nanoTime) {
    this.options = options;
    this.nanoTime = nanoTime;
  }

  /** The map, if it has been read and not been invalidated since; costs two field loads. */
  public @Nullable GuardMap known() {
    Checked checked = last;
    return checked != null && checked.invalidations == invalidations.get()
        ? checked.loaded.map()
        : null;
  }

  /**
   * The map, if a digest sent at {@code sinceNanos} or later has confirmed it; null: it has to be
   * {@linkplain #refreshIfChanged asked for}. Costs field loads.
   */
  public @Nullable GuardMap confirmedSince(long sinceNanos) {
    Loaded confirmed = checkedSince(sinceNanos);
    return confirmed == null ? null : confirmed.map();
  }

  /** The {@linkplain #known known} map, read now where there is none. */
  public GuardMapLoad current(CatalogChannel channel) throws SQLException {
    GuardMap known = known();
    return known != null ? new Loaded(known) : read(channel, ANY_AGE);
  }

  /**
   * The map as a digest of the catalog, sent at most {@code maxAgeNanos} before this call, has
   * confirmed it; reads the digest where it is older, and the map where that differs.
   */
  public GuardMapLoad refreshIfChanged(CatalogChannel channel, long maxAgeNanos)
      throws SQLException {
    return read(channel, maxAgeNanos);
  }

  /**
   * Something was defined through the driver: the next use reads the digest before it goes on. To
   * be called once the definition is visible to others, that is after its commit.
   */
  public void invalidate() {
    invalidations.incrementAndGet();
  }

  private GuardMapLoad read(CatalogChannel channel, long maxAgeNanos) throws SQLException {
    long sinceNanos = nanoTime.getAsLong() - Math.min(maxAgeNanos, ANY_AGE);
    while (true) {
      Loaded known = checkedSince(sinceNanos);
      if (known != null) {
        return known;
      }
      CompletableFuture<Void> others;
      CompletableFuture<Void> mine = new CompletableFuture<>();
      lock.lock();
      try {
        Loaded fresh = checkedSince(sinceNanos);
        if (fresh != null) {
          return fresh;
        }
        others = underWay;
        if (others == null) {
          underWay = mine;
        }
      } finally {
        lock.unlock();
      }
      if (others == null) {
        return readAlone(channel, mine);
      }
      await(others);
    }
  }

  private @Nullable Loaded checkedSince(long sinceNanos) {
    Checked checked = last;
    return checked != null
            && checked.invalidations == invalidations.get()
            && checked.sentNanos - sinceNanos >= 0
        ? checked.loaded
        : null;
  }

  private GuardMapLoad readAlone(CatalogChannel channel, CompletableFuture<Void> done)
      throws SQLException {
    Throwable failure = null;
    try {
      return channel.call(this::check);
    } catch (SQLException | RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      lock.lock();
      try {
        underWay = null;
      } finally {
        lock.unlock();
      }
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failure);
      }
    }
  }

  private GuardMapLoad check(Connection connection) throws SQLException {
    long seen = invalidations.get();
    long sent = nanoTime.getAsLong();
    Checked before = last;
    if (before != null && unchanged(connection, before.loaded.map())) {
      last = new Checked(before.loaded, sent, seen);
      return before.loaded;
    }
    GuardMapLoad load = GuardMapLoader.load(connection, options, VERSIONS.incrementAndGet());
    last = load instanceof Loaded loaded ? new Checked(loaded, sent, seen) : null;
    return load;
  }

  /**
   * A digest that can't be read by the way found earlier is a change: another way is looked for.
   */
  private static boolean unchanged(Connection connection, GuardMap map) throws SQLException {
    try {
      return CatalogDigest.read(connection, map.source()).equals(map.digest());
    } catch (SQLException e) {
      String state = e.getSQLState();
      if (state != null && state.startsWith("42")) {
        return false;
      }
      throw e;
    }
  }

  /** Where those others fail, so does the waiting thread: each trying in turn would take long. */
  private static void await(CompletableFuture<Void> others) throws SQLException {
    try {
      others.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreadable("the thread was interrupted while it waited for the guard map", e);
    } catch (ExecutionException e) {
      throw unreadable("the guard map could not be read", e.getCause());
    }
  }

  private static SQLException unreadable(String what, @Nullable Throwable cause) {
    return Refusals.refusal(GuardState.UNREADABLE, what, "Check the server, then try again", cause);
  }
}
