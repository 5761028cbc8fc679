package io.guardedjdbc.analysis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;

/**
 * Remembers the facts of the texts that come again and again; texts that can't be understood too.
 * Bounded by weight: about the bytes of texts and names. Safe for several threads; different texts
 * never wait for each other.
 */
public final class CachedAnalyzer {
  /** Weight of a cache that was given none: 32 MiB. */
  public static final long DEFAULT_WEIGHT = 32L << 20;

  /** Texts longer than this, in characters, are not kept: they hardly ever come again. */
  public static final int MAX_CACHED_LENGTH = 256 << 10;

  private record Key(String sql, boolean conformingStrings) {}

  private final Cache<Key, SqlFacts> cache;

  /** A cache of {@link #DEFAULT_WEIGHT}. */
  public CachedAnalyzer() {
    this(DEFAULT_WEIGHT);
  }

  /**
   * A cache of its own.
   *
   * @param maxWeight most bytes, roughly, of text and facts together
   */
  public CachedAnalyzer(long maxWeight) {
    Weigher<Key, SqlFacts> weigher =
        (key, facts) -> (int) Math.min(Integer.MAX_VALUE, 2L * key.sql.length() + facts.weight());
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxWeight)
            .weigher(weigher)
            .executor(Runnable::run)
            .build();
  }

  /** As {@link Analyzer#analyze}, from the cache where it is there. */
  public SqlFacts analyze(String sqlAsSent, boolean standardConformingStrings) {
    if (sqlAsSent.length() > MAX_CACHED_LENGTH) {
      return Analyzer.analyze(sqlAsSent, standardConformingStrings);
    }
    Key key = new Key(sqlAsSent, standardConformingStrings);
    SqlFacts known = cache.getIfPresent(key);
    if (known != null) {
      return known;
    }
    SqlFacts found = Analyzer.analyze(sqlAsSent, standardConformingStrings);
    cache.put(key, found);
    return found;
  }

  /** How many texts are kept now. */
  long size() {
    cache.cleanUp();
    return cache.estimatedSize();
  }
}
