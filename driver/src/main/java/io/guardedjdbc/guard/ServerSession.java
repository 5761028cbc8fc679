package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.Stamp;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides on every statement of one physical connection: before it is sent, and again before its
 * result goes out. The steps are those of the protocol (a look before, execution, release); the
 * rules are in {@link CertificateRules}.
 */
final class ServerSession implements SessionGuard {
  /** A look before may be this old where only its certificate's id counts. */
  private static final Duration REUSE = Duration.ofSeconds(1);

  private final SharedServer server;
  private final CallerSession caller;
  private final CertificateRules rules;
  private final boolean unwrapAllowed;
  private final ReaderClock clock;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private volatile @Nullable TransactionView transaction;
  private volatile @Nullable GuardMap map;
  private volatile boolean unpublished;
  private volatile Lineage lastRelease = Lineage.NONE;

  ServerSession(SharedServer server, Connection raw, GuardSettings settings, ReaderClock clock)
      throws SQLException {
    this.server = server;
    this.caller = new CallerSession(raw, clock);
    this.rules =
        new CertificateRules(
            settings.maxAge(), settings.lease(), settings.validation(), settings.certificate());
    this.unwrapAllowed = settings.unwrapAllowed();
    this.clock = clock;
  }

  @Override
  public PreparedFacts prepare(String sql) throws SQLException {
    SessionFacts facts = new SessionFacts(server.analyze(sql, caller.standardConformingStrings()));
    if (!harmless(facts.sql)) {
      Match match = match(facts);
      if (match.guarded()) {
        Routes.refuse(match.refused());
        Routes.requireGuardable(facts.sql, false);
      }
    }
    return facts;
  }

  @Override
  public <T> T execute(PreparedFacts prepared, Execution<T> execution) throws SQLException {
    SessionFacts facts = (SessionFacts) prepared;
    if (harmless(facts.sql)) {
      return passing(facts.sql, execution);
    }
    Match match = match(facts);
    if (!match.guarded()) {
      return passing(facts.sql, execution);
    }
    Routes.refuse(match.refused());
    Routes.requireGuardable(facts.sql, caller.failed());
    return guarded(match.entrypoints(), facts.sql, execution);
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    for (PreparedFacts prepared : batch) {
      SessionFacts facts = (SessionFacts) prepared;
      if (harmless(facts.sql)) {
        continue;
      }
      Match match = match(facts);
      if (match.guarded()) {
        Routes.refuse(match.refused());
        throw Routes.unguarded(
            "a batch that reads guarded rows", "Read them with executeQuery, one at a time");
      }
    }
    try {
      return execution.run();
    } finally {
      for (PreparedFacts prepared : batch) {
        after(((SessionFacts) prepared).sql);
      }
    }
  }

  /** Needs no map: every statement passes whatever it names, or names nothing at all. */
  private static boolean harmless(SqlFacts sql) {
    if (sql.unlexable()) {
      return false;
    }
    for (StatementFacts part : sql.parts()) {
      boolean namesNothing =
          part.kind() == StatementKind.READ && part.names().isEmpty() && part.operators().isEmpty();
      if (!part.kind().passes() && !namesNothing) {
        return false;
      }
    }
    return true;
  }

  private Match match(SessionFacts facts) throws SQLException {
    Match match = facts.match(map(SharedServer.MAP_LEASE));
    return match.unknownNames().isEmpty()
        ? match
        : facts.match(map(SharedServer.MAP_LEASE_FOR_UNKNOWN_NAMES));
  }

  /** The shared map with what this session itself defined, which others may not see yet. */
  private GuardMap map(Duration maxAge) throws SQLException {
    GuardMap shared = server.map(maxAge);
    GuardMap own = map;
    if (own == null) {
      return shared;
    }
    if (own.version() != shared.version()) {
      own = shared.withSessionOf(own);
      map = own;
    }
    return own;
  }

  private <T> T passing(SqlFacts sql, Execution<T> execution) throws SQLException {
    try {
      return execution.run();
    } finally {
      after(sql);
    }
  }

  private <T> T guarded(Set<String> entrypoints, SqlFacts sql, Execution<T> execution)
      throws SQLException {
    boolean repeatable = caller.autocommitIdle() && readsOnly(sql);
    while (true) {
      Look before = before(entrypoints);
      TransactionView view = view(before);
      try {
        T result = runHeld(entrypoints, sql, execution, before, view);
        lastRelease = release(entrypoints, before, view, clock.stamp(), null);
        return result;
      } catch (SQLException e) {
        if (!(e instanceof GuardRefusal)) {
          throw e;
        }
        execution.discard();
        if (!repeatable || !GuardState.CHANGING.sqlState().equals(e.getSQLState())) {
          throw e;
        }
        repeatable = false;
      }
    }
  }

  /** Runs it; an error is held until its release, as it may carry values of rows. */
  private <T> T runHeld(
      Set<String> entrypoints,
      SqlFacts sql,
      Execution<T> execution,
      Look before,
      @Nullable TransactionView view)
      throws SQLException {
    try {
      return execution.run();
    } catch (SQLException held) {
      release(entrypoints, before, view, clock.stamp(), held);
      throw held;
    } finally {
      after(sql);
    }
  }

  /** A look on which the statement may be sent: every certificate stands. */
  private Look before(Set<String> entrypoints) throws SQLException {
    Stamp now = clock.stamp();
    Look look = server.looks().last();
    if (look == null || !usableBefore(entrypoints, look, now)) {
      look = server.looks().sentAfter(now);
      now = clock.stamp();
      for (String entrypoint : entrypoints) {
        rules.standing(entrypoint, look, now).orThrow(null);
      }
    }
    return look;
  }

  private boolean usableBefore(Set<String> entrypoints, Look look, Stamp now) {
    boolean recent = look.sent().nanosUntil(now) < REUSE.toNanos();
    for (String entrypoint : entrypoints) {
      boolean usable =
          recent
              ? rules.standing(entrypoint, look, now).state() == null
              : rules.leased(entrypoint, look, now);
      if (!usable) {
        return false;
      }
    }
    return true;
  }

  /** Learns whose data these are, and in a transaction what its snapshot sees; null outside one. */
  private @Nullable TransactionView view(Look before) throws SQLException {
    TransactionView view = null;
    if (caller.autocommitIdle()) {
      transaction = null;
    } else if (!caller.failed()) {
      if (caller.idle()) {
        transaction = null;
      }
      view = transaction;
      if (view == null) {
        view = caller.readTransaction(server.looks().read());
        transaction = view;
      }
    }
    requireSameServer(before);
    return view;
  }

  private void requireSameServer(Look look) throws SQLException {
    if (!caller.identity().equals(look.server())) {
      throw Refusals.refusal(
          GuardState.UNREADABLE,
          "the registry was read on another server, or another start of it, than the data",
          "Connect again");
    }
  }

  /**
   * The release: on the look before where leases prove enough, else on one sent after the result
   * had arrived.
   */
  private Lineage release(
      Set<String> entrypoints,
      Look before,
      @Nullable TransactionView view,
      Stamp arrived,
      @Nullable SQLException held)
      throws SQLException {
    Look first = view == null || view.snapshotPerStatement() ? before : view.registry();
    boolean leased = true;
    for (String entrypoint : entrypoints) {
      leased &=
          rules.leased(entrypoint, before, arrived) && !certifiedSince(entrypoint, before, first);
    }
    Look present = before;
    if (!leased) {
      present = server.looks().sentAfter(arrived);
      requireSameServer(present);
    }
    Stamp now = clock.stamp();
    List<String> covered = new ArrayList<>();
    for (String entrypoint : entrypoints) {
      Verdict verdict = rules.between(entrypoint, first, present, now);
      verdict.orThrow(held);
      covered.add(entrypoint + "=" + verdict.lineage());
    }
    return new Lineage(covered, leased);
  }

  /**
   * Whether the snapshot sees another certificate than the look: then the look is no present one.
   */
  private static boolean certifiedSince(String entrypoint, Look look, Look snapshot) {
    Certificate looked = look.certificate(entrypoint);
    Certificate seen = snapshot.certificate(entrypoint);
    return looked == null || seen == null || !seen.continuesIn(looked);
  }

  /** What a text leaves behind: another transaction, other names. */
  private void after(SqlFacts sql) {
    boolean ended = sql.unlexable();
    for (StatementFacts part : sql.parts()) {
      ended |= mayEndTransaction(part);
    }
    if (sql.has(Effect.DEFINES)) {
      defined(sql);
    }
    if (ended) {
      transactionEnded();
    }
  }

  private void defined(SqlFacts sql) {
    unpublished = true;
    GuardMap own = map;
    try {
      GuardMap base = own == null ? server.map(SharedServer.MAP_LEASE) : own;
      map = base.after(sql);
    } catch (SQLException e) {
      // Without a map every statement that names something is refused anyway.
    }
    publishNames();
  }

  /** Others can see what we defined once no transaction of ours hides it. */
  private void publishNames() {
    if (unpublished && caller.idle()) {
      unpublished = false;
      server.namesChanged();
    }
  }

  private static boolean mayEndTransaction(StatementFacts part) {
    return switch (part.kind()) {
      case READ, COPY_OUT, EXPLAIN, WRITE, COPY_IN, SHOW, NOTIFY, EMPTY -> false;
      default -> true;
    };
  }

  private static boolean readsOnly(SqlFacts sql) {
    return sql.parts().stream()
        .allMatch(part -> part.kind() == StatementKind.READ || part.kind() == StatementKind.EMPTY);
  }

  @Override
  public void transactionEnded() {
    transaction = null;
    publishNames();
  }

  @Override
  public SQLException refuseRoute(String route, String advice) {
    return Routes.unguarded(route, advice);
  }

  @Override
  public boolean unwrapAllowed() {
    return unwrapAllowed;
  }

  @Override
  public Lineage lastRelease() {
    return lastRelease;
  }

  @Override
  public void closed() {
    if (open.compareAndSet(true, false)) {
      server.release();
    }
  }
}
