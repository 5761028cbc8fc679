package io.guardedjdbc.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.LongSupplier;

/**
 * The guard maps of a JVM, one for each server, database and options. Thread-safe. Bounded: where
 * very many servers are in use, connections opened later read their map anew.
 */
public final class SharedGuardMaps {
  private static final int MOST = 64;

  /**
   * Which map.
   *
   * @param server identity of server and database; compared by {@code equals}
   */
  public record Key(Object server, GuardMapOptions options) {}

  private final Cache<Key, SharedGuardMap> maps = Caffeine.newBuilder().maximumSize(MOST).build();
  private final LongSupplier nanoTime;

  /**
   * No maps yet.
   *
   * @param nanoTime monotonic clock, in nanoseconds since any origin
   */
  public SharedGuardMaps(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The map of this key, perhaps not read yet; connections keep it rather than ask again. */
  public SharedGuardMap of(Key key) {
    return maps.get(key, k -> new SharedGuardMap(k.options(), nanoTime));
  }
}
