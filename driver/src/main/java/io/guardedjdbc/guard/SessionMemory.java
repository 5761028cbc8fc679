package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the SQL-level prepared statements and cursors of one session mean. EXECUTE resolves names
 * anew, so it is matched anew by the facts of its PREPARE; a cursor keeps the snapshot of its
 * DECLARE, whose release covers what it fetches, save what its functions read by snapshots of their
 * own. What the memory does not know may be anything. Thread-safe.
 */
final class SessionMemory {
  private final Map<String, StatementFacts> prepared = new ConcurrentHashMap<>();

  /** A cursor, and what its DECLARE was released for. */
  private record Cursor(StatementFacts declare, Match match) {}

  private final Map<String, Cursor> cursors = new ConcurrentHashMap<>();

  /** Whether a statement's meaning lies in what came before it. */
  static boolean concerns(StatementFacts part) {
    return switch (part.kind()) {
      case PREPARE, EXECUTE, FETCH -> true;
      default -> part.inner() == StatementKind.EXECUTE;
    };
  }

  /**
   * What a text touches, PREPAREs ahead of it in the same text included.
   *
   * @throws SQLException RG203 where it fetches from a cursor that reads something else by now
   */
  Match match(SqlFacts sql, GuardMap map) throws SQLException {
    if (sql.unlexable()) {
      return map.everything();
    }
    Map<String, StatementFacts> preparedAhead = new HashMap<>();
    Map<String, Cursor> cursorsAhead = new HashMap<>();
    Match union = Match.NOTHING;
    GuardMap current = map;
    for (StatementFacts part : sql.parts()) {
      union = union.and(match(part, current, preparedAhead, cursorsAhead));
      current = current.after(part);
    }
    return union;
  }

  private Match match(
      StatementFacts part,
      GuardMap map,
      Map<String, StatementFacts> preparedAhead,
      Map<String, Cursor> cursorsAhead)
      throws SQLException {
    String name = part.objectName();
    switch (part.kind()) {
      case PREPARE -> {
        if (name != null) {
          preparedAhead.put(name, part);
        }
        return Match.NOTHING;
      }
      case DECLARE -> {
        Match match = map.match(part);
        if (name != null) {
          cursorsAhead.put(name, new Cursor(part, match));
        }
        return match;
      }
      case FETCH -> {
        Cursor cursor = meant(name, cursorsAhead, cursors);
        return cursor == null ? map.everything() : ofFetch(cursor, map);
      }
      default -> {
        if (!concerns(part)) {
          return map.match(part);
        }
        StatementFacts meant = meant(name, preparedAhead, prepared);
        return meant == null ? map.everything() : map.match(part).and(map.match(meant));
      }
    }
  }

  /** Its snapshot is that of its DECLARE, but a function may be another one by now. */
  private static Match ofFetch(Cursor cursor, GuardMap map) throws SQLException {
    Match present = map.match(cursor.declare);
    if (present.throughVolatileFunction()
        || !present.refused().isEmpty()
        || !cursor.match.entrypoints().containsAll(present.entrypoints())) {
      throw Routes.definedAnew();
    }
    return present.touchesEverything() ? map.everything() : Match.NOTHING;
  }

  private static <T> @Nullable T meant(
      @Nullable String name, Map<String, T> ahead, Map<String, T> known) {
    if (name == null) {
      return null;
    }
    T near = ahead.get(name);
    return near == null ? known.get(name) : near;
  }

  /** Whether what this EXECUTE runs is not known to read only. */
  boolean mayWrite(StatementFacts execute) {
    String name = execute.objectName();
    StatementFacts meant = name == null ? null : prepared.get(name);
    return meant == null || meant.inner() != StatementKind.READ;
  }

  /** Nobody knows any more what any name means. */
  void forget() {
    prepared.clear();
    cursors.clear();
  }

  /** Cursors end with their transaction, save those WITH HOLD. */
  void transactionEnded() {
    if (!cursors.isEmpty()) {
      cursors.values().removeIf(cursor -> !cursor.declare.mentions("hold"));
    }
  }

  /**
   * A text has run.
   *
   * @param match what it touched
   * @param complete whether it ended without an error; else nobody knows how far it came
   */
  void ran(SqlFacts sql, Match match, boolean complete) {
    if (match.touchesEverything() || sql.unlexable()) {
      forget();
    }
    for (StatementFacts part : sql.parts()) {
      remember(part, match, complete);
    }
  }

  private void remember(StatementFacts part, Match match, boolean complete) {
    String name = part.objectName();
    switch (part.kind()) {
      case PREPARE -> put(prepared, name, part, complete);
      case DECLARE -> put(cursors, name, new Cursor(part, match), complete);
      case DEALLOCATE -> forget(prepared, name);
      case CLOSE -> forget(cursors, name);
      case SET -> {
        if (sqlDiscards(part)) {
          forget();
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
