package io.guardedjdbc.guard;

import static io.guardedjdbc.error.GuardState.CHANGING;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.catalog.GuardMap;
import io.guardedjdbc.catalog.MapAge;
import io.guardedjdbc.catalog.Match;
import io.guardedjdbc.error.GuardRefusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides on every statement of one physical connection, runs it, and lets its result go once the
 * {@link Validator} has released it.
 */
final class ServerSession implements SessionGuard {
  private final SharedServer server;
  private final Connection raw;
  private final Protections protections;
  private final Caller caller;
  private final Validator validator;
  private final Routes routes;
  private final boolean unwrapAllowed;
  private final SessionMap map;
  private final Aftermath aftermath;
  private final Counted.Releases releases = Counted.INSTANCE.opened();
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final boolean conformingStrings;
  private volatile boolean stringsChanged;
  private volatile Lineage lastRelease = Lineage.NONE;

  ServerSession(
      SharedServer server, Connection raw, GuardSettings settings, Protections protections) {
    this.server = server;
    this.raw = raw;
    this.protections = protections;
    this.caller = protections.caller();
    this.conformingStrings = caller.standardConformingStrings();
    this.validator = protections.validator();
    this.routes = new Routes(settings.copies());
    this.unwrapAllowed = settings.unwrapAllowed();
    this.map = new SessionMap(server);
    this.aftermath = new Aftermath(server, caller, validator, map);
  }

  // ---- deciding ----------------------------------------------------------------------------

  @Override
  public PreparedFacts prepare(String sql) throws SQLException {
    SessionFacts facts = facts(sql);
    try {
      decide(facts, false);
    } catch (SQLException e) {
      throw Counted.INSTANCE.refused(e);
    }
    return facts;
  }

  @Override
  public boolean current(PreparedFacts prepared) {
    SessionFacts facts = (SessionFacts) prepared;
    return (facts.bothReadings || !stringsChange())
        && (facts.harmless || map.isDecidedByLast(facts));
  }

  SessionFacts facts(String sql) {
    return facts(sql, stringsChange());
  }

  private SessionFacts facts(String sql, boolean both) {
    return new SessionFacts(
        sql, both ? Analyzer.analyzeBoth(sql) : server.analyze(sql, conformingStrings), both);
  }

  /** Whether texts have been read under both settings: what the server has prepared stays so. */
  private boolean stringsChange() {
    if (!stringsChanged && caller.standardConformingStrings() != conformingStrings) {
      stringsChanged = true;
    }
    return stringsChanged;
  }

  private SessionFacts read(PreparedFacts prepared, boolean both) {
    SessionFacts facts = (SessionFacts) prepared;
    return facts.bothReadings || !both ? facts : facts(facts.text(), true);
  }

  private long now() {
    return protections.clock().monotonicNanos();
  }

  private Decision decide(SessionFacts facts, boolean inTransaction) throws SQLException {
    Decision known = known(facts, now());
    return known != null ? known : decideAnew(facts, map.map(MapAge.OF_KNOWN_NAMES), inTransaction);
  }

  /** What was decided under the same map before; null: nothing, or the map is to be asked for. */
  private @Nullable Decision known(SessionFacts facts, long nowNanos) {
    if (facts.harmless) {
      return Decision.PASS;
    }
    GuardMap current = map.confirmed(nowNanos);
    return current == null ? null : facts.decision(current);
  }

  private Decision decideAnew(SessionFacts facts, GuardMap current, boolean inTransaction)
      throws SQLException {
    return decideAnew(facts, current, List.of(), inTransaction);
  }

  private Decision decideAnew(
      SessionFacts facts, GuardMap current, List<SqlFacts> definitions, boolean inTransaction)
      throws SQLException {
    Match match = match(facts, current, definitions);
    if (!match.guarded()) {
      facts.decided(match, Decision.PASS);
      return Decision.PASS;
    }
    routes.require(facts.sql, match, aftermath.memory(), inTransaction && caller.failed());
    Decision decision = new Decision(match.entrypoints(), facts.mayLeaveSomething(match));
    if (facts.sql.parts().size() == 1) {
      // Several are judged by the state of the transaction, too; so is what its code may define.
      facts.decided(match, decision);
    }
    return decision;
  }

  /** One decision over all texts of a batch. */
  Decision decide(List<SessionFacts> texts) throws SQLException {
    Set<String> entrypoints = new TreeSet<>();
    boolean guarded = false;
    List<SqlFacts> definitions = new ArrayList<>();
    for (SessionFacts facts : texts) {
      Decision decision =
          definitions.isEmpty() ? decide(facts, true) : decideAfter(definitions, facts);
      guarded |= decision.guarded();
      entrypoints.addAll(decision.entrypoints());
      if (facts.sql.has(Effect.DEFINES)) {
        definitions.add(facts.sql);
      }
    }
    return guarded ? new Decision(entrypoints, true) : Decision.PASS;
  }

  /** Texts before it in the batch define something; nothing is kept of the decision. */
  private Decision decideAfter(List<SqlFacts> definitions, SessionFacts facts) throws SQLException {
    return decideAnew(facts, after(map.map(MapAge.OF_KNOWN_NAMES), definitions), definitions, true);
  }

  private static GuardMap after(GuardMap map, List<SqlFacts> definitions) {
    GuardMap current = map;
    for (SqlFacts definition : definitions) {
      current = current.after(definition);
    }
    return current;
  }

  private Match match(SessionFacts facts, GuardMap current, List<SqlFacts> definitions)
      throws SQLException {
    List<GuardMap> earlier = map.use(current, caller.idle());
    Match match = matchByPresent(facts, current, definitions);
    return earlier.isEmpty() ? match : match.and(facts.matchEarlier(earlier, aftermath.memory()));
  }

  private Match matchByPresent(SessionFacts facts, GuardMap current, List<SqlFacts> definitions)
      throws SQLException {
    Match match = facts.match(current, aftermath.memory());
    boolean newColumns = !current.knowsColumns(facts.sql);
    if (match.unknownNames().isEmpty() && !newColumns) {
      return match;
    }
    GuardMap newer = after(map.map(MapAge.OF_NEW_NAMES), definitions);
    match = facts.match(newer, aftermath.memory());
    boolean hidden = aftermath.hiddenDefinitions();
    if ((hidden && newColumns)
        || ((hidden || aftermath.madeByCode()) && !match.unknownNames().isEmpty())) {
      return newer.everything();
    }
    if (hidden) {
      return match;
    }
    newer.sawColumns(facts.sql);
    return match;
  }

  // ---- running -----------------------------------------------------------------------------

  @Override
  public <T> T execute(PreparedFacts prepared, Execution<T> execution) throws SQLException {
    SessionFacts facts = read(prepared, stringsChange());
    try {
      long nowNanos = now();
      Decision known = known(facts, nowNanos);
      return known != null
          ? execute(known, nowNanos, facts.alone, execution)
          : execute(
              decideAnew(facts, map.map(MapAge.OF_KNOWN_NAMES), true),
              now(),
              facts.alone,
              execution);
    } catch (SQLException e) {
      throw Counted.INSTANCE.refused(e);
    }
  }

  @Override
  public <T> T describe(PreparedFacts prepared, Execution<T> execution) throws SQLException {
    try {
      SessionFacts facts = read(prepared, stringsChange());
      Decision decision = decide(facts, true);
      boolean runs = caller.runsWhatItDescribes();
      if (!decision.guarded()) {
        return run(runs ? facts.alone : List.of(), execution);
      }
      if (runs) {
        throw Routes.unguarded(
            "what a statement tells of itself under preferQueryMode=simple, which runs it",
            "run it, and ask its result");
      }
      return released(decision, beforeDescription(decision), Undo.NOTHING, List.of(), execution);
    } catch (SQLException e) {
      throw Counted.INSTANCE.refused(e);
    }
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    boolean both = batch.size() > 1 || stringsChange(); // one may change the setting for the next
    List<SessionFacts> all = batch.stream().map(text -> read(text, both)).toList();
    try {
      return execute(decide(all), now(), all, execution);
    } catch (SQLException e) {
      throw Counted.INSTANCE.refused(e);
    }
  }

  /** The look before it. A transaction that a question of ours has begun ends with that. */
  Before beforeDescription(Decision decision) throws SQLException {
    boolean idle = caller.idle();
    Before before = validator.beforeDescription(decision);
    if (idle && !caller.idle()) {
      raw.rollback();
    }
    return before;
  }

  private <T> T execute(
      Decision decision, long nowNanos, List<SessionFacts> texts, Execution<T> execution)
      throws SQLException {
    if (!decision.guarded()) {
      return run(texts, execution);
    }
    Before before = validator.before(decision, nowNanos);
    try {
      return guarded(decision, before, texts, execution);
    } catch (SQLException e) {
      if (!(e instanceof GuardRefusal refusal && refusal.state() == CHANGING)
          || !caller.autocommitIdle()
          || !texts.stream().allMatch(text -> text.reads)) {
        throw e;
      }
      Counted.INSTANCE.rerun();
      return guarded(decision, validator.before(decision, now()), texts, execution);
    }
  }

  private <T> T guarded(
      Decision decision, Before before, List<SessionFacts> texts, Execution<T> execution)
      throws SQLException {
    execution.guarding(decision.undo());
    try (Undo undo = decision.undo() ? protections.undo().begin(raw, caller) : Undo.NOTHING) {
      return released(decision, before, undo, texts, execution);
    }
  }

  /** Runs it. Its result goes out after its release, and so does its error. */
  private <T> T released(
      Decision decision, Before before, Undo undo, List<SessionFacts> texts, Execution<T> execution)
      throws SQLException {
    boolean released = false;
    boolean complete = false;
    try {
      T result;
      try {
        result = execution.run();
      } catch (SQLException e) {
        if (undo.causes(e)) {
          throw Routes.unguarded("transaction control inside CALL or DO", Routes.PLAIN);
        }
        SQLException error = protections.errors().hold(e);
        Lineage lineage = validator.release(decision.entrypoints(), before, error);
        undo.failed();
        execution.released(lineage);
        released = true;
        releases.add();
        throw error;
      }
      Lineage lineage = validator.release(decision.entrypoints(), before, null);
      undo.keep();
      execution.released(lineage);
      released = true;
      complete = true;
      releases.add();
      released(lineage);
      return result;
    } finally {
      if (!released) {
        execution.discard();
      }
      aftermath.ran(texts, complete);
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
      aftermath.ran(texts, complete);
    }
  }

  @Override
  public Lineage fetching(PreparedFacts prepared, Lineage covered, Warned warned)
      throws SQLException {
    try {
      requireCovered(prepared, covered);
      return covered;
    } catch (SQLException e) {
      throw Counted.INSTANCE.refused(e);
    }
  }

  /** Refuses further rows of a text that touches by now what the release of the first did not. */
  void requireCovered(PreparedFacts prepared, Lineage covered) throws SQLException {
    SessionFacts facts = read(prepared, stringsChange());
    if (facts.readsRowByRow() && !decide(facts, true).coveredBy(covered)) {
      throw Routes.definedAnew();
    }
  }

  @Override
  public void transactionEnded() {
    aftermath.transactionEnded();
  }

  // ---- for sessions around this one ----------------------------------------------------------

  Caller caller() {
    return caller;
  }

  Validator validator() {
    return validator;
  }

  void released(Lineage lineage) {
    if (!lastRelease.equals(lineage)) {
      lastRelease = lineage;
    }
  }

  // ---- the rest ------------------------------------------------------------------------------

  @Override
  public void requireRoute(String route, String advice) throws SQLException {
    throw Counted.INSTANCE.refused(Routes.unguarded(route, advice));
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
      Counted.INSTANCE.closed(releases);
      server.release();
    }
  }
}
