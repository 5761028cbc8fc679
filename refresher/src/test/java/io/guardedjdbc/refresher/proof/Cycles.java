package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.run.DrivenCycle;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Runs of the refresher, and the input that they find. */
final class Cycles {
  /** What is done to a run, at one of its statements. */
  @FunctionalInterface
  interface Blow {
    void fall() throws SQLException;
  }

  private static final List<PublishMode> MODES = List.of(PublishMode.values());

  private final ProofStore store;
  private final Random random;
  private final ReaderClock leaseClock;
  private final boolean mvcc;
  private final UnaryOperator<String> rewritten;
  private final Tally tally;

  /** How many statements any run has sent so far: it may be hit at each of them. */
  private final AtomicInteger longest = new AtomicInteger(60);

  /**
   * @param rewritten what becomes of each text that a run sends
   */
  Cycles(
      ProofStore store,
      Random random,
      ReaderClock leaseClock,
      boolean mvcc,
      UnaryOperator<String> rewritten,
      Tally tally) {
    this.store = store;
    this.random = random;
    this.leaseClock = leaseClock;
    this.mvcc = mvcc;
    this.rewritten = rewritten;
    this.tally = tally;
  }

  PublishMode anyMode() {
    return MODES.get(random.nextInt(MODES.size()));
  }

  void input(boolean good) throws SQLException {
    store.sql("SELECT proof.next_input(" + good + ")");
  }

  String run(String name, PublishMode mode) {
    return run(name, mode, (connection, sql) -> sql);
  }

  String run(String name, PublishMode mode, DrivenCycle.Hands hands) {
    return run(store, name, mode, hands);
  }

  /** Run by another way to the server. */
  String run(ProofStore way, String name, PublishMode mode, DrivenCycle.Hands hands) {
    AtomicInteger statements = new AtomicInteger();
    String ended =
        new DrivenCycle(way.url(), leaseClock, mvcc)
            .run(
                name,
                mode,
                (connection, sql) -> {
                  statements.incrementAndGet();
                  return rewritten.apply(hands.sent(connection, sql));
                });
    longest.accumulateAndGet(statements.get(), Math::max);
    int colon = ended.indexOf(':');
    tally.add(Tally.Of.RUN, colon < 0 ? ended : ended.substring(0, colon));
    return ended;
  }

  /** Any store on good or bad input, which nobody disturbs. */
  void any(PublishMode mode) throws SQLException {
    input(random.nextInt(3) != 0);
    run(anyStore(), mode);
  }

  /** The same, hit at any of its statements. */
  void hit(PublishMode mode, Blow blow) throws SQLException {
    input(random.nextInt(3) != 0);
    int at = 1 + random.nextInt(longest.get());
    AtomicInteger statement = new AtomicInteger();
    run(
        anyStore(),
        mode,
        (connection, sql) -> {
          if (statement.incrementAndGet() == at) {
            tally.add(Tally.Of.SEEN, "runs hit at a statement");
            blow.fall();
          }
          return sql;
        });
  }

  private String anyStore() {
    return ProofStore.STORES.get(random.nextInt(ProofStore.STORES.size()));
  }

  /** Ends the sessions of runs whose names end so. */
  void end(String suffix) throws SQLException {
    store.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name LIKE 'guarded-jdbc refresher%"
            + suffix
            + "'");
  }
}
