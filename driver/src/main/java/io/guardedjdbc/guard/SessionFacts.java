package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import org.jspecify.annotations.Nullable;

/**
 * Facts of one text, and what they matched last: a statement that is run again under the same map
 * costs a field load. Thread-safe; a race computes the match twice.
 */
final class SessionFacts implements PreparedFacts {
  private record Matched(GuardMap map, Match match) {}

  final SqlFacts sql;

  /** Passes whatever the map says: every statement is harmless by kind, or names nothing at all. */
  final boolean harmless;

  /** Whether what it touches depends on what the session prepared or declared in SQL before. */
  final boolean needsMemory;

  private final boolean changes;
  private volatile @Nullable Matched last;

  SessionFacts(SqlFacts sql) {
    this.sql = sql;
    this.harmless = !sql.unlexable() && sql.parts().stream().allMatch(SessionFacts::harmless);
    this.needsMemory = sql.parts().stream().anyMatch(SessionMemory::concerns);
    this.changes = sql.unlexable() || sql.parts().stream().anyMatch(Routes::changes);
  }

  private static boolean harmless(StatementFacts part) {
    return part.kind().passes()
        || (part.kind() == StatementKind.READ
            && part.names().isEmpty()
            && part.operators().isEmpty());
  }

  Match match(GuardMap map, SessionMemory memory) {
    Matched known = last;
    if (known == null || known.map != map || needsMemory) {
      known = new Matched(map, needsMemory ? memory.match(sql, map) : map.match(sql));
      last = known;
    }
    return known.match;
  }

  /** What it touched when it was decided on last. */
  Match lastMatch() {
    Matched known = last;
    return known == null ? Match.NOTHING : known.match;
  }

  /** Whether it may leave something behind, by its own text or by a function that it calls. */
  boolean mayLeaveSomething(Match match) {
    return changes || match.throughVolatileFunction() || match.touchesEverything();
  }

  @Override
  public boolean mayStream() {
    Matched known = last;
    return known == null || !known.match.guarded() || !mayLeaveSomething(known.match);
  }
}
