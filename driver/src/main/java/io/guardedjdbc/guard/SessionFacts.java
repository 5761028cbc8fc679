package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Facts of one text, and what was decided on it last: a statement that is run again under the same
 * map costs a field load. Thread-safe; a race decides twice.
 */
final class SessionFacts implements PreparedFacts {
  /** What one map says; no decision where each execution has to decide anew. */
  private record Matched(GuardMap map, Match match, @Nullable Decision decision) {}

  private final String text;
  final SqlFacts sql;

  /** This one as a batch of itself. */
  final List<SessionFacts> alone = List.of(this);

  /** Passes whatever the map says: every statement is harmless by kind, or names nothing at all. */
  final boolean harmless;

  /** Whether it only reads: it may be run twice. */
  final boolean reads;

  /** Whether it runs code that may define something. */
  final boolean runsCode;

  /** Whether it is of a kind that may end a transaction, or name something anew. */
  final boolean mayEndTransaction;

  /** Whether the session is another one after it. */
  final boolean leavesTrace;

  /** Whether what it touches depends on what the session prepared or declared in SQL before. */
  private final boolean needsMemory;

  private final boolean changes;
  private volatile @Nullable Matched last;

  /** Whether it holds for both settings of {@code standard_conforming_strings}. */
  final boolean bothReadings;

  SessionFacts(String text, SqlFacts sql, boolean bothReadings) {
    boolean harmlessOnly = !sql.unlexable();
    boolean reading = true;
    boolean code = false;
    boolean ending = sql.unlexable();
    boolean remembered = false;
    boolean changing = sql.unlexable();
    for (StatementFacts part : sql.parts()) {
      harmlessOnly &= harmless(part);
      reading &= part.kind() == StatementKind.READ || part.kind() == StatementKind.EMPTY;
      code |= part.kind() == StatementKind.DO || part.kind() == StatementKind.CALL;
      ending |= mayEndTransaction(part);
      remembered |= SessionMemory.concerns(part);
      changing |= Routes.changes(part);
    }
    this.text = text;
    this.sql = sql;
    this.bothReadings = bothReadings || text.indexOf('\\') < 0;
    this.harmless = harmlessOnly;
    this.reads = reading;
    this.runsCode = code;
    this.mayEndTransaction = ending;
    this.leavesTrace = ending || code || sql.has(Effect.DEFINES);
    this.needsMemory = remembered;
    this.changes = changing;
  }

  private static boolean harmless(StatementFacts part) {
    return part.kind().passes()
        || (part.kind() == StatementKind.READ
            && part.names().isEmpty()
            && part.operators().isEmpty());
  }

  private static boolean mayEndTransaction(StatementFacts part) {
    return switch (part.kind()) {
      case READ, COPY_OUT, EXPLAIN, WRITE, COPY_IN, SHOW, NOTIFY, EMPTY -> false;
      default -> true;
    };
  }

  /** What this map said of it; null: to be decided. */
  @Nullable Decision decision(GuardMap map) {
    Matched known = last;
    return known != null && known.map == map ? known.decision : null;
  }

  /** Holds as long as the map; not where it depends on the session, or on names yet unknown. */
  void decided(Match match, Decision decision) {
    Matched known = last;
    if (known != null
        && known.match.equals(match)
        && !needsMemory
        && match.unknownNames().isEmpty()) {
      last = new Matched(known.map, match, decision);
    }
  }

  /** Whether rows may be computed as they are fetched; the server keeps those of other kinds. */
  boolean readsRowByRow() {
    return sql.parts().stream().anyMatch(part -> part.kind() == StatementKind.READ);
  }

  Match match(GuardMap map, SessionMemory memory) throws SQLException {
    Matched known = last;
    if (known == null || known.map != map || needsMemory) {
      known = new Matched(map, matchAnew(map, memory), null);
      last = known;
    }
    return known.match;
  }

  private Match matchAnew(GuardMap map, SessionMemory memory) throws SQLException {
    return needsMemory ? memory.match(sql, map) : map.match(sql);
  }

  /** What it touches by maps that are not the present one, nor remembered. */
  Match matchEarlier(List<GuardMap> maps, SessionMemory memory) throws SQLException {
    Match union = Match.NOTHING;
    for (GuardMap map : maps) {
      union = union.and(matchAnew(map, memory));
    }
    return union.knownOnly();
  }

  /** What it touched when it was decided on last. */
  Match lastMatch() {
    Matched known = last;
    return known == null ? Match.NOTHING : known.match;
  }

  /** Whether it may leave something behind, by its own text or by a function that it calls. */
  boolean mayLeaveSomething(Match match) {
    return changes || runsCodeOfOthers(match);
  }

  private static boolean runsCodeOfOthers(Match match) {
    return match.throughVolatileFunction() || match.touchesEverything();
  }

  @Override
  public boolean mayStream() {
    Matched known = last;
    return known == null || !known.match.guarded() || !runsCodeOfOthers(known.match);
  }

  @Override
  public String text() {
    return text;
  }
}
