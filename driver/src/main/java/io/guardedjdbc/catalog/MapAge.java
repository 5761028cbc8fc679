package io.guardedjdbc.catalog;

import java.time.Duration;

/**
 * How old what confirms a guard map may be.
 *
 * @param digest of the catalog, where nothing counts its changes
 * @param countedDigest of the catalog, where the database is sealed: its triggers count changes,
 *     save a few that matter little, such as the end of a session's temporary views
 * @param counter of the seal; zero: asked for anew
 */
public record MapAge(Duration digest, Duration countedDigest, Duration counter) {
  /** For text that names what the map knows. */
  public static final MapAge OF_KNOWN_NAMES =
      new MapAge(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(1));

  /** For text with a name that the map has never heard of: somebody may just have defined it. */
  public static final MapAge OF_NEW_NAMES =
      new MapAge(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ZERO);

  /** One age for all. */
  static MapAge ofNanos(long nanos) {
    Duration age = Duration.ofNanos(nanos);
    return new MapAge(age, age, age);
  }
}
