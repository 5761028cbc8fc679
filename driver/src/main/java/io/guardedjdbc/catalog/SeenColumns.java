package io.guardedjdbc.catalog;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names that stood where a column does, at a time when the catalog had no function of that name.
 * One set for a map and all its session views, so that only the first statement with a name asks
 * whether there is such a function now. Thread-safe.
 */
final class SeenColumns {
  /** Beyond that nothing is remembered: such statements ask each time. */
  private static final int MOST = 50_000;

  private final Set<String> names = ConcurrentHashMap.newKeySet();

  boolean contain(String name) {
    return names.contains(name);
  }

  void add(String name) {
    if (names.size() < MOST) {
      names.add(name);
    }
  }
}
