package io.guardedjdbc.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.guardedjdbc.analysis.CachedAnalyzer;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.GuardMapLoad;
import io.guardedjdbc.catalog.MapAge;
import io.guardedjdbc.catalog.Registered;
import io.guardedjdbc.catalog.SharedGuardMap;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.SharedLooks;
import io.guardedjdbc.registry.SideChannel;
import io.guardedjdbc.registry.Stamp;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of this JVM to one server, database and role share: the side channel, the
 * looks and the guard map. Lives as long as one of these connections is open; the map is kept a
 * while longer for those who connect for each statement. Thread-safe.
 */
public final class SharedServer {
  /**
   * Which connections share.
   *
   * @param route host, port, database and role, as text
   */
  public record Key(String route, GuardSettings settings) {
    private Key shared() {
      return new Key(
          route, GuardSettings.of(settings.map(), settings.registry(), settings.registryTimeout()));
    }
  }

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<Key, SharedServer> OPEN = new HashMap<>();
  private static final CachedAnalyzer ANALYZER = new CachedAnalyzer();

  /** Maps of servers that nobody is connected to now: whoever is next reads the digest alone. */
  private static final Cache<Key, GuardMapLoad.Loaded> LEFT_BEHIND =
      Caffeine.newBuilder().maximumSize(16).expireAfterWrite(Duration.ofMinutes(10)).build();

  private final Key key;
  private final SideChannel channel;
  private final SharedLooks looks;
  private final SharedGuardMap map;
  private final Observations observations = new Observations();
  private final AtomicLong mapVersion;
  private int users;

  private SharedServer(Key key, SideChannel.Opening opening, ReaderClock clock) {
    this.key = key;
    this.channel = new SideChannel(counted(opening), key.settings().registryTimeout());
    this.looks =
        new SharedLooks(channel, key.settings().registry(), clock, Counted.INSTANCE::looked);
    GuardMapLoad.Loaded left = LEFT_BEHIND.getIfPresent(key);
    this.map =
        new SharedGuardMap(key.settings().map(), clock::monotonicNanos, this::registered, left);
    this.mapVersion = new AtomicLong(left == null ? -1 : left.map().version());
  }

  private Registered.Rows registered(long nanos, Connection connection) throws SQLException {
    Look look = looks.lookOn(connection, new Stamp(nanos, 0));
    return new Registered.Rows(look.certificates().keySet(), look.sent().monotonicNanos());
  }

  /**
   * The guard of a new physical connection.
   *
   * @param raw pgjdbc's connection, just opened
   * @param opening opens a plain connection to the very same server, for the side channel
   */
  public static SessionGuard guard(
      Key key, Connection raw, SideChannel.Opening opening, ReaderClock clock) throws SQLException {
    return guard(key, raw, opening, clock, UnaryOperator.identity());
  }

  /** The same with other protections, for tests that show what each of them is good for. */
  static SessionGuard guard(
      Key key,
      Connection raw,
      SideChannel.Opening opening,
      ReaderClock clock,
      UnaryOperator<Protections> exchanged)
      throws SQLException {
    Key shared = key.shared();
    Caller caller = new CallerSession(raw, clock);
    LOCK.lock();
    try {
      SharedServer server = OPEN.computeIfAbsent(shared, k -> new SharedServer(k, opening, clock));
      Protections protections =
          exchanged.apply(Protections.of(server.looks, caller, key.settings().rules(), clock));
      ServerSession session = new ServerSession(server, raw, key.settings(), protections);
      server.users++;
      server.channel.openBy(counted(opening));
      return server.dressed(session, raw, key.settings());
    } finally {
      LOCK.unlock();
    }
  }

  private static SideChannel.Opening counted(SideChannel.Opening opening) {
    return () -> {
      Connection connection = opening.open();
      Counted.INSTANCE.sideConnection();
      return connection;
    };
  }

  /** The session with what its settings put around it. */
  private SessionGuard dressed(ServerSession session, Connection raw, GuardSettings settings) {
    SessionGuard guard =
        settings.mode() == Mode.OBSERVE ? new ObservingSession(session, observations) : session;
    String snapshot = settings.snapshot();
    return snapshot == null
        ? guard
        : new SnapshotSession(guard, this, session.caller(), raw, snapshot);
  }

  /** One connection less; the last one closes the side channel. */
  void release() {
    LOCK.lock();
    try {
      users--;
      if (users > 0) {
        return;
      }
      OPEN.remove(key);
      GuardMapLoad.Loaded left = map.lastRead();
      if (left != null) {
        LEFT_BEHIND.put(key, left);
      }
    } finally {
      LOCK.unlock();
    }
    channel.close();
  }

  SqlFacts analyze(String sql, boolean standardConformingStrings) {
    return ANALYZER.analyze(sql, standardConformingStrings);
  }

  /** The last map, if nothing was defined through the driver since; null: none. */
  @Nullable GuardMap lastMap() {
    return map.known();
  }

  /** The guard map, if its lease has not run out at {@code nowNanos}; null: ask for it. */
  @Nullable GuardMap confirmedMap(long nowNanos) {
    return map.confirmed(nowNanos, MapAge.OF_KNOWN_NAMES);
  }

  /**
   * The guard map, no older than that.
   *
   * @throws SQLException RG003 or RG301 where it can't be read: then nothing is shown to be
   *     harmless
   */
  GuardMap map(MapAge age) throws SQLException {
    GuardMapLoad load;
    try {
      load = map.refreshIfChanged(reading -> channel.call(reading::on), age);
    } catch (SQLException e) {
      if (e instanceof GuardRefusal) {
        throw e;
      }
      throw Refusals.refusal(
          GuardState.UNREADABLE,
          "the catalog could not be read (SQLState " + e.getSQLState() + ")",
          "Try again",
          e);
    }
    if (load instanceof GuardMapLoad.Loaded loaded) {
      long version = loaded.map().version();
      if (mapVersion.getAndSet(version) != version) {
        Counted.INSTANCE.mapLoaded();
      }
      return loaded.map();
    }
    GuardMapLoad.Unreadable why = (GuardMapLoad.Unreadable) load;
    throw Refusals.refusal(
        why.grantMissing() ? GuardState.PERMISSION : GuardState.UNREADABLE,
        why.what(),
        why.grantMissing() ? "Run: " + why.advice() + " TO this role" : why.advice());
  }

  /** Somebody of this JVM defined something, and it is visible to others now. */
  void namesChanged() {
    map.invalidate();
  }
}
