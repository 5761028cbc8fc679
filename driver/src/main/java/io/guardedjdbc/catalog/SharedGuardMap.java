package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.GuardMapLoad.Loaded;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
  private static final long NEVER_VALID = -1;

  /**
   * A map, and when it was last known to be what the server has.
   *
   * @param sentNanos when the digest was asked for, or the map itself
   * @param countedNanos when the seal's counter was asked for
   */
  private record Checked(Loaded loaded, long sentNanos, long countedNanos, long invalidations) {
    boolean digestSince(long nowNanos, MapAge age) {
      Duration oldest = loaded.changes() == null ? age.digest() : age.countedDigest();
      return sentNanos - since(nowNanos, oldest) >= 0;
    }

    boolean confirmed(long nowNanos, MapAge age) {
      return digestSince(nowNanos, age)
          && (loaded.changes() == null || countedNanos - since(nowNanos, age.counter()) >= 0);
    }

    private static long since(long nowNanos, Duration age) {
      return nowNanos - Math.min(age.toNanos(), ANY_AGE);
    }
  }

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
    this(options, nanoTime, null);
  }

  /**
   * A map that was read before, by others: its digest is asked for before it is believed.
   *
   * @param read null: none was
   */
  public SharedGuardMap(GuardMapOptions options, LongSupplier nanoTime, @Nullable Loaded read) {
    this.options = options;
    this.nanoTime = nanoTime;
    this.last = read == null ? null : new Checked(read, 0, 0, NEVER_VALID);
  }

  /** What was read last, believed or not; null: nothing yet. */
  public @Nullable Loaded lastRead() {
    Checked checked = last;
    return checked == null ? null : checked.loaded;
  }

  /** The map, if it has been read and not been invalidated since; costs two field loads. */
  public @Nullable GuardMap known() {
    Checked checked = last;
    return checked != null && checked.invalidations == invalidations.get()
        ? checked.loaded.map()
        : null;
  }

  /**
   * The map, if what confirmed it is no older than that; null: it has to be {@linkplain
   * #refreshIfChanged asked for}. Costs field loads.
   *
   * @param nowNanos the map's clock, read just now
   */
  public @Nullable GuardMap confirmed(long nowNanos, MapAge age) {
    Loaded confirmed = loaded(nowNanos, age);
    return confirmed == null ? null : confirmed.map();
  }

  /**
   * The map as something no older than that has confirmed it. Where it is older: the seal's
   * counter, which is cheap; the digest of the catalog where none counts, the count differs, or the
   * digest itself is too old; the map where that differs.
   */
  public GuardMapLoad refreshIfChanged(CatalogChannel channel, MapAge age) throws SQLException {
    return read(channel, age);
  }

  /**
   * Something was defined through the driver: the next use reads the digest before it goes on. To
   * be called once the definition is visible to others, that is after its commit.
   */
  public void invalidate() {
    invalidations.incrementAndGet();
  }

  private GuardMapLoad read(CatalogChannel channel, MapAge age) throws SQLException {
    long nowNanos = nanoTime.getAsLong();
    while (true) {
      Loaded known = loaded(nowNanos, age);
      if (known != null) {
        return known;
      }
      CompletableFuture<Void> others;
      CompletableFuture<Void> mine = new CompletableFuture<>();
      lock.lock();
      try {
        Loaded fresh = loaded(nowNanos, age);
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
        return readAlone(channel, age, mine);
      }
      await(others);
    }
  }

  private @Nullable Loaded loaded(long nowNanos, MapAge age) {
    Checked checked = last;
    return checked != null
            && checked.invalidations == invalidations.get()
            && checked.confirmed(nowNanos, age)
        ? checked.loaded
        : null;
  }

  private GuardMapLoad readAlone(CatalogChannel channel, MapAge age, CompletableFuture<Void> done)
      throws SQLException {
    Throwable failure = null;
    try {
      return channel.call(connection -> check(connection, age));
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

  private GuardMapLoad check(Connection connection, MapAge age) throws SQLException {
    long seen = invalidations.get();
    long sent = nanoTime.getAsLong();
    Checked before = last;
    Checked confirmed = before == null ? null : confirm(connection, before, sent, seen, age);
    if (confirmed != null) {
      last = confirmed;
      return confirmed.loaded;
    }
    GuardMapLoad load = GuardMapLoader.load(connection, options, VERSIONS.incrementAndGet());
    last = load instanceof Loaded loaded ? new Checked(loaded, sent, sent, seen) : null;
    return load;
  }

  /**
   * The map known before, confirmed; null where the catalog is another one. What can't be read by
   * the way found earlier is a change: another way is looked for.
   */
  private static @Nullable Checked confirm(
      Connection connection, Checked before, long sent, long seen, MapAge age) throws SQLException {
    GuardMap map = before.loaded.map();
    String counted = before.loaded.changes();
    boolean countIsEnough = before.invalidations == seen && before.digestSince(sent, age);
    try {
      if (countIsEnough
          && counted != null
          && counted.equals(CatalogState.readChanges(connection, map.source()))) {
        return new Checked(before.loaded, before.sentNanos, sent, seen);
      }
      CatalogState state = CatalogState.read(connection, map.source());
      return state.digest().equals(map.digest())
          ? new Checked(new Loaded(map, state.changes()), sent, sent, seen)
          : null;
    } catch (SQLException e) {
      String sqlState = e.getSQLState();
      if (sqlState != null && sqlState.startsWith("42")) {
        return null;
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
