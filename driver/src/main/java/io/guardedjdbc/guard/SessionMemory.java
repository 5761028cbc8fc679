package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the SQL-level prepared statements and cursors of one session mean. EXECUTE resolves names
 * anew, so it is matched anew by the facts of its PREPARE; a cursor keeps the snapshot of its
 * DECLARE, whose release covers what it fetches. What the memory does not know may be anything.
 * Thread-safe.
 */
final class SessionMemory {
  private final Map<String, StatementFacts> prepared = new ConcurrentHashMap<>();

  /** Cursors whose rows are those of their DECLARE. */
  private final Map<String, Boolean> stableCursors = new ConcurrentHashMap<>();

  /** Whether a statement's meaning lies in what came before it. */
  static boolean concerns(StatementFacts part) {
    return switch (part.kind()) {
      case PREPARE, EXECUTE, FETCH -> true;
      default -> part.inner() == StatementKind.EXECUTE;
    };
  }

  /** What a text touches, PREPAREs ahead of it in the same text included. */
  Match match(SqlFacts sql, GuardMap map) {
    if (sql.unlexable()) {
      return map.everything();
    }
    Map<String, StatementFacts> ahead = new HashMap<>();
    Match union = Match.NOTHING;
    for (StatementFacts part : sql.parts()) {
      union = union.and(match(part, map, ahead));
    }
    return union;
  }

  private Match match(StatementFacts part, GuardMap map, Map<String, StatementFacts> ahead) {
    String name = part.objectName();
    if (part.kind() == StatementKind.PREPARE) {
      if (name != null) {
        ahead.put(name, part);
      }
      return Match.NOTHING;
    }
    if (part.kind() == StatementKind.FETCH) {
      return name != null && stableCursors.containsKey(name) ? Match.NOTHING : map.everything();
    }
    if (!concerns(part)) {
      return map.match(part);
    }
    StatementFacts meant = meant(name, ahead);
    return meant == null ? map.everything() : map.match(part).and(map.match(meant));
  }

  private @Nullable StatementFacts meant(@Nullable String name, Map<String, StatementFacts> ahead) {
    if (name == null) {
      return null;
    }
    StatementFacts near = ahead.get(name);
    return near == null ? prepared.get(name) : near;
  }

  /**
   * A text has run.
   *
   * @param match what it touched
   * @param complete whether it ended without an error; else nobody knows how far it came
   */
  void ran(SqlFacts sql, Match match, boolean complete) {
    if (match.touchesEverything() || sql.unlexable()) {
      prepared.clear();
      stableCursors.clear();
    }
    for (StatementFacts part : sql.parts()) {
      remember(part, match, complete);
    }
  }

  private void remember(StatementFacts part, Match match, boolean complete) {
    String name = part.objectName();
    switch (part.kind()) {
      case PREPARE -> put(prepared, name, part, complete);
      case DECLARE -> put(stableCursors, name, true, complete && !match.throughVolatileFunction());
      case DEALLOCATE -> forget(prepared, name);
      case CLOSE -> forget(stableCursors, name);
      case SET -> {
        if (sqlDiscards(part)) {
          prepared.clear();
          stableCursors.clear();
        }
      }
      default -> {}
    }
  }

  private static boolean sqlDiscards(StatementFacts part) {
    return part.mentions("discard");
  }

  private static <T> void put(Map<String, T> map, @Nullable String name, T value, boolean known) {
    if (name == null) {
      map.clear();
    } else if (known) {
      map.put(name, value);
    } else {
      map.remove(name);
    }
  }

  private static void forget(Map<String, ?> map, @Nullable String name) {
    if (name == null) {
      map.clear();
    } else {
      map.remove(name);
    }
  }
}
