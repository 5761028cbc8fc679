package io.guardedjdbc.catalog;

import java.util.concurrent.TimeUnit;

/**
 * How old what confirms a guard map may be, in nanoseconds.
 *
 * @param digest of the catalog, where nothing counts its changes
 * @param countedDigest of the catalog, where the database is sealed: its triggers count changes,
 *     save a few that matter little, such as the end of a session's temporary views
 * @param registry what has been read of its rows
 * @param counter of the seal; zero: asked for anew
 */
public record MapAge(long digest, long countedDigest, long registry, long counter) {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** For text that names what the map knows. */
  public static final MapAge OF_KNOWN_NAMES =
      new MapAge(10 * SECOND, 10 * SECOND, 10 * SECOND, SECOND);

  /** For text with a name that the map has never heard of: somebody may just have defined it. */
  public static final MapAge OF_NEW_NAMES = new MapAge(SECOND, 10 * SECOND, 10 * SECOND, 0);

  /** One age for all; at most half of what a {@code long} holds. */
  static MapAge ofNanos(long nanos) {
    return new MapAge(nanos, nanos, nanos, nanos);
  }
}
