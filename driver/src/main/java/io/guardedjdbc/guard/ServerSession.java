package io.guardedjdbc.guard;

import static io.guardedjdbc.error.GuardState.CHANGING;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.Match;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides on every statement of one physical connection, runs it, and lets its result go once the
 * {@link Validator} has released it.
 */
final class ServerSession implements SessionGuard {
  private final SharedServer server;
  private final Connection raw;
  private final CallerSession caller;
  private final Validator validator;
  private final Routes routes;
  private final boolean unwrapAllowed;
  private final ReaderClock clock;
  private final SessionMemory memory = new SessionMemory();
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Texts that defined something, not in {@link #ownMap} yet. */
  private final Queue<SqlFacts> defined = new ConcurrentLinkedQueue<>();

  private volatile @Nullable GuardMap ownMap;
  private volatile boolean unpublished;

  /** Whether code ran in this transaction that may have defined what no other session sees yet. */
  private volatile boolean hiddenDefinitions;

  private volatile Lineage lastRelease = Lineage.NONE;

  ServerSession(SharedServer server, Connection raw, GuardSettings settings, ReaderClock clock)
      throws SQLException {
    this.server = server;
    this.raw = raw;
    this.caller = new CallerSession(raw, clock);
    this.validator = new Validator(server, caller, settings.rules(), clock);
    this.routes = new Routes(settings.copies());
    this.unwrapAllowed = settings.unwrapAllowed();
    this.clock = clock;
  }

  // ---- deciding ----------------------------------------------------------------------------

  @Override
  public PreparedFacts prepare(String sql) throws SQLException {
    SessionFacts facts = facts(sql);
    decide(facts, false);
    return facts;
  }

  SessionFacts facts(String sql) {
    return new SessionFacts(server.analyze(sql, caller.standardConformingStrings()));
  }

  private Decision decide(SessionFacts facts, boolean failedTransaction) throws SQLException {
    if (facts.harmless) {
      return Decision.PASS;
    }
    Match match = match(facts);
    if (!match.guarded()) {
      return Decision.PASS;
    }
    routes.require(facts.sql, match, failedTransaction);
    return new Decision(match.entrypoints(), facts.mayLeaveSomething(match));
  }

  /** One decision over all texts of a batch. */
  Decision decide(List<SessionFacts> texts) throws SQLException {
    Set<String> entrypoints = new TreeSet<>();
    boolean guarded = false;
    for (SessionFacts facts : texts) {
      Decision decision = decide(facts, caller.failed());
      guarded |= decision.guarded();
      entrypoints.addAll(decision.entrypoints());
    }
    return guarded ? new Decision(entrypoints, true) : Decision.PASS;
  }

  private Match match(SessionFacts facts) throws SQLException {
    Match match = facts.match(map(SharedServer.MAP_LEASE), memory);
    if (match.unknownNames().isEmpty()) {
      return match;
    }
    GuardMap current = map(SharedServer.MAP_LEASE_FOR_UNKNOWN_NAMES);
    match = facts.match(current, memory);
    return hiddenDefinitions && !match.unknownNames().isEmpty() ? current.everything() : match;
  }

  /** The shared map with what this session itself defined, which others may not see yet. */
  private GuardMap map(Duration maxAge) throws SQLException {
    GuardMap shared = server.map(maxAge);
    GuardMap own = ownMap;
    if (own == null && defined.isEmpty()) {
      return shared;
    }
    GuardMap current = own == null ? shared : own;
    if (current.version() != shared.version()) {
      current = shared.withSessionOf(current);
    }
    for (SqlFacts sql = defined.poll(); sql != null; sql = defined.poll()) {
      current = current.after(sql);
    }
    ownMap = current;
    return current;
  }

  // ---- running -----------------------------------------------------------------------------

  @Override
  public <T> T execute(PreparedFacts prepared, Execution<T> execution) throws SQLException {
    SessionFacts facts = (SessionFacts) prepared;
    Decision decision = decide(facts, caller.failed());
    return decision.guarded()
        ? guarded(decision, List.of(facts), execution)
        : run(List.of(facts), execution);
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    List<SessionFacts> all = batch.stream().map(SessionFacts.class::cast).toList();
    Decision decision = decide(all);
    return decision.guarded() ? guarded(decision, all, execution) : run(all, execution);
  }

  private <T> T guarded(Decision decision, List<SessionFacts> texts, Execution<T> execution)
      throws SQLException {
    boolean repeatable = caller.autocommitIdle() && texts.stream().allMatch(ServerSession::reads);
    while (true) {
      Validator.Before before = validator.before(decision.entrypoints());
      execution.guarding();
      try (Undo undo = decision.undo() ? Undo.begin(raw, caller) : Undo.nothing()) {
        return released(decision, before, undo, texts, execution);
      } catch (SQLException e) {
        if (!repeatable || !(e instanceof GuardRefusal refusal && refusal.state() == CHANGING)) {
          throw e;
        }
        repeatable = false;
      }
    }
  }

  /** Runs it. Its result goes out after its release, and so does its error. */
  private <T> T released(
      Decision decision,
      Validator.Before before,
      Undo undo,
      List<SessionFacts> texts,
      Execution<T> execution)
      throws SQLException {
    boolean released = false;
    boolean complete = false;
    try {
      Arrival<T> arrival = arrival(execution);
      Lineage lineage = release(decision.entrypoints(), before, arrival.held());
      if (arrival instanceof Arrival.Result<T> result) {
        undo.keep();
        execution.released(lineage);
        released = true;
        complete = true;
        lastRelease = lineage;
        return result.value();
      }
      undo.failed();
      execution.released(lineage);
      released = true;
      throw ((Arrival.Failure<T>) arrival).error();
    } finally {
      if (!released) {
        execution.discard();
      }
      after(texts, complete);
    }
  }

  /** The release of what has arrived just now. */
  Lineage release(Set<String> entrypoints, Validator.Before before, @Nullable SQLException held)
      throws SQLException {
    return validator.release(entrypoints, before, clock.stamp(), held);
  }

  private static <T> Arrival<T> arrival(Execution<T> execution) {
    try {
      return new Arrival.Result<>(execution.run());
    } catch (SQLException e) {
      return new Arrival.Failure<>(e);
    }
  }

  /** Runs what touches nothing guarded, or what is only observed. */
  <T> T run(List<SessionFacts> texts, Execution<T> execution) throws SQLException {
    boolean complete = false;
    try {
      T result = execution.run();
      complete = true;
      return result;
    } finally {
      after(texts, complete);
    }
  }

  private static boolean reads(SessionFacts text) {
    return text.sql.parts().stream()
        .allMatch(part -> part.kind() == StatementKind.READ || part.kind() == StatementKind.EMPTY);
  }

  // ---- what a text leaves behind -------------------------------------------------------------

  /**
   * @param complete whether all ran and were released; else nobody knows how far they came
   */
  private void after(List<SessionFacts> texts, boolean complete) {
    for (SessionFacts text : texts) {
      after(text, complete);
    }
  }

  private void after(SessionFacts text, boolean complete) {
    SqlFacts sql = text.sql;
    boolean ended = sql.unlexable();
    for (StatementFacts part : sql.parts()) {
      ended |= mayEndTransaction(part);
    }
    if (sql.has(Effect.DEFINES)) {
      defined.add(sql);
      unpublished = true;
    }
    if (ended) {
      memory.ran(sql, text.lastMatch(), complete);
      transactionEnded();
    }
    hiddenDefinitions = !caller.idle() && (hiddenDefinitions || mayDefine(text));
  }

  private static boolean mayDefine(SessionFacts text) {
    Match match = text.lastMatch();
    return match.touchesEverything()
        || match.throughVolatileFunction()
        || text.sql.parts().stream()
            .anyMatch(part -> part.kind() == StatementKind.DO || part.kind() == StatementKind.CALL);
  }

  /** Whether the statement is of a kind that may end a transaction, or name something anew. */
  private static boolean mayEndTransaction(StatementFacts part) {
    return switch (part.kind()) {
      case READ, COPY_OUT, EXPLAIN, WRITE, COPY_IN, SHOW, NOTIFY, EMPTY -> false;
      default -> true;
    };
  }

  @Override
  public void transactionEnded() {
    validator.transactionEnded();
    // Others can see what we defined once no transaction of ours hides it.
    if (unpublished && caller.idle()) {
      unpublished = false;
      server.namesChanged();
    }
  }

  // ---- for sessions around this one ----------------------------------------------------------

  CallerSession caller() {
    return caller;
  }

  Validator validator() {
    return validator;
  }

  void released(Lineage lineage) {
    lastRelease = lineage;
  }

  // ---- the rest ------------------------------------------------------------------------------

  @Override
  public void requireRoute(String route, String advice) throws SQLException {
    throw Routes.unguarded(route, advice);
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
