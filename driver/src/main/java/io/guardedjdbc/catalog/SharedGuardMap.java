package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.GuardMapLoad.Loaded;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
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
  private static final long NEVER_VALID = -1;

  /**
   * A map, and when it was last known to be what the server has.
   *
   * @param sentNanos when the digest was asked for, or the map itself
   * @param registeredNanos when the registry was
   * @param countedNanos when the seal's counter was
   */
  private record Checked(
      Loaded loaded, long sentNanos, long registeredNanos, long countedNanos, long invalidations) {
    boolean digestSince(long nowNanos, MapAge age) {
      long oldest = loaded.changes() == null ? age.digest() : age.countedDigest();
      return sentNanos - (nowNanos - oldest) >= 0
          && registeredNanos - (nowNanos - age.registry()) >= 0;
    }

    boolean confirmed(long nowNanos, MapAge age) {
      return digestSince(nowNanos, age)
          && (loaded.changes() == null || countedNanos - (nowNanos - age.counter()) >= 0);
    }
  }

  private final GuardMapOptions options;
  private final LongSupplier nanoTime;
  private final Registered registered;
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
  public SharedGuardMap(GuardMapOptions options, LongSupplier nanoTime, Registered registered) {
    this(options, nanoTime, registered, null);
  }

  /**
   * A map that was read before, by others: its digest is asked for before it is believed.
   *
   * @param read null: none was
   */
  public SharedGuardMap(
      GuardMapOptions options,
      LongSupplier nanoTime,
      Registered registered,
      @Nullable Loaded read) {
    this.options = options;
    this.nanoTime = nanoTime;
    this.registered = registered;
    this.last = read == null ? null : new Checked(read, 0, 0, 0, NEVER_VALID);
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
    last = load instanceof Loaded loaded ? new Checked(loaded, sent, sent, sent, seen) : null;
    return load;
  }

  /**
   * The map known before, confirmed; null where the catalog is another one. What can't be read by
   * the way found earlier is a change: another way is looked for.
   */
  private @Nullable Checked confirm(
      Connection connection, Checked before, long sent, long seen, MapAge age) throws SQLException {
    GuardMap map = before.loaded.map();
    String counted = before.loaded.changes();
    boolean countIsEnough = before.invalidations == seen && before.digestSince(sent, age);
    try {
      if (countIsEnough
          && counted != null
          && counted.equals(CatalogState.readChanges(connection, map.source()))) {
        return new Checked(before.loaded, before.sentNanos, before.registeredNanos, sent, seen);
      }
      CatalogState state = CatalogState.read(connection, map.source());
      if (!state.digest().equals(map.digest())) {
        return null;
      }
      Set<String> names = before.loaded.registered();
      Registered.Rows rows =
          map.source().registryRead()
              ? registered.after(sent - age.registry(), connection)
              : new Registered.Rows(names, sent);
      return rows.entrypoints().equals(names)
          ? new Checked(new Loaded(map, names, state.changes()), sent, rows.sentNanos(), sent, seen)
          : null;
    } catch (SQLException e) {
      if (isOfAnotherCatalog(e)) {
        return null;
      }
      throw e;
    }
  }

  /** Something is not there, or not as it was; not where the server did not get to say so. */
  private static boolean isOfAnotherCatalog(SQLException e) {
    String sqlState = e.getSQLState();
    return e instanceof GuardRefusal || (sqlState != null && sqlState.startsWith("42"));
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
