package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.MapAge;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The guard map as one session sees it: the shared one, with what the session itself has defined
 * and others may not see yet. Thread-safe.
 */
final class SessionMap {
  private final SharedServer server;

  /** Stands in {@link #defined} where what was defined before it has been committed. */
  private static final SqlFacts COMMITTED = Analyzer.analyze("", true);

  /** Texts that defined something, not in {@link #own} yet. */
  private final Queue<SqlFacts> defined = new ConcurrentLinkedQueue<>();

  /**
   * Maps of this transaction that led elsewhere than the ones after them. Functions have no locks:
   * until the transaction ends, the server may run one as it was then.
   */
  private final List<GuardMap> earlier = new CopyOnWriteArrayList<>();

  private volatile @Nullable GuardMap lastUsed;
  private volatile boolean shared = true;
  private volatile @Nullable GuardMap own;

  SessionMap(SharedServer server) {
    this.server = server;
  }

  /** A text that defines something has been sent. */
  void define(SqlFacts sql) {
    defined.add(sql);
    shared = false;
  }

  /** What was defined so far is no longer hidden from others. */
  void committed() {
    defined.add(COMMITTED);
  }

  /**
   * The map, no older than that.
   *
   * @throws SQLException RG003 or RG301 where it can't be read
   */
  GuardMap map(MapAge age) throws SQLException {
    return own(server.map(age));
  }

  /** The map, if it needs no confirmation at {@code nowNanos}; null: it does. */
  @Nullable GuardMap confirmed(long nowNanos) {
    GuardMap others = server.confirmedMap(nowNanos);
    return others == null ? null : own(others);
  }

  /**
   * A decision is made by this map.
   *
   * @param idle whether no transaction is open
   * @return the maps that count besides
   */
  List<GuardMap> use(GuardMap current, boolean idle) {
    GuardMap before = lastUsed;
    if (idle) {
      earlier.clear();
    } else if (before != null && !before.leadsAlike(current)) {
      earlier.add(before);
    }
    lastUsed = current;
    return earlier;
  }

  private GuardMap own(GuardMap others) {
    return shared ? others : withOwn(others);
  }

  /** Whether the last map known, however old, has said what the text needs. */
  boolean isDecidedByLast(SessionFacts facts) {
    GuardMap last = shared ? server.lastMap() : null;
    return last != null && facts.decision(last) != null;
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean isCommit(SqlFacts sql) {
    return sql == COMMITTED;
  }

  private GuardMap withOwn(GuardMap others) {
    GuardMap known = own;
    GuardMap current = known == null ? others : known;
    if (current.version() != others.version()) {
      current = others.withSessionOf(current);
    }
    for (SqlFacts sql = defined.poll(); sql != null; sql = defined.poll()) {
      current = isCommit(sql) ? current.committed() : current.after(sql);
    }
    own = current;
    return current;
  }
}
