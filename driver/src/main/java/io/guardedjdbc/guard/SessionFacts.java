package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.SqlFacts;
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
  private volatile @Nullable Matched last;

  SessionFacts(SqlFacts sql) {
    this.sql = sql;
  }

  Match match(GuardMap map) {
    Matched known = last;
    if (known == null || known.map != map) {
      known = new Matched(map, map.match(sql));
      last = known;
    }
    return known.match;
  }

  @Override
  public boolean mayStream() {
    Matched known = last;
    return known == null || !known.match.throughVolatileFunction();
  }
}
