package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.PreparedFacts;
import io.guardedjdbc.guard.SessionGuard;
import org.jspecify.annotations.Nullable;

/**
 * The facts of the texts that one connection met last, so that preparing a statement again and
 * again neither parses nor decides. One entry a hash: another text takes its place. Thread-safe: a
 * race loses an entry.
 */
final class RecentTexts {
  private static final int SLOTS = 64;

  /** Longer texts, in characters, are not kept: they are worth parsing again. */
  private static final int MAX_LENGTH = 4_096;

  private record Entry(String text, PreparedFacts facts) {}

  private @Nullable Entry @Nullable [] entries;

  /** What this text was given, if the guard would give the same now; null: to be asked for. */
  @Nullable PreparedFacts get(@Nullable String text, SessionGuard guard) {
    @Nullable Entry[] known = entries;
    if (known == null || text == null) {
      return null;
    }
    Entry entry = known[slot(text)];
    return entry != null && entry.text.equals(text) && guard.current(entry.facts)
        ? entry.facts
        : null;
  }

  void put(String text, PreparedFacts facts) {
    if (text.length() <= MAX_LENGTH) {
      @Nullable Entry[] known = entries;
      if (known == null) {
        known = new @Nullable Entry[SLOTS];
        entries = known;
      }
      known[slot(text)] = new Entry(text, facts);
    }
  }

  private static int slot(String text) {
    int hash = text.hashCode();
    return (hash ^ hash >>> 16) & SLOTS - 1;
  }
}
