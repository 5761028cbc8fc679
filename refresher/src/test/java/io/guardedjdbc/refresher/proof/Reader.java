package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Reads in every way, transaction after transaction, and gives what came to the oracle. */
final class Reader implements Runnable {
  /** Opens a connection, or borrows one. */
  @FunctionalInterface
  interface Source {
    Connection open(Random random) throws SQLException;
  }

  /** States after which there is no use in going on; refusals and a standby's "no" are none. */
  private static final Pattern CUTS = Pattern.compile("08|57P|XX|null");

  private final Source source;
  private final Oracle oracle;
  private final Calm calm;
  private final Random random;
  private final AtomicBoolean stop;
  private final AtomicLong refusals;
  private final boolean demandsLiveness;
  private final Habits habits;
  private final List<String> last = new ArrayList<>();

  Reader(
      Source source,
      Oracle oracle,
      Calm calm,
      Random random,
      AtomicBoolean stop,
      AtomicLong refusals,
      boolean demandsLiveness,
      Habits habits) {
    this.source = source;
    this.oracle = oracle;
    this.calm = calm;
    this.random = random;
    this.stop = stop;
    this.refusals = refusals;
    this.demandsLiveness = demandsLiveness;
    this.habits = habits;
  }

  @Override
  public void run() {
    while (!stop.get()) {
      try (Connection connection = source.open(random)) {
        for (int i = 0; i < 40 && !stop.get() && !connection.isClosed(); i++) {
          transaction(connection);
        }
      } catch (SQLException e) {
        Moments.pause(5); // Cut, or refused for good: begin again with another.
      } catch (RuntimeException e) {
        oracle.violation("not even an SQLException: " + e + " after " + last);
      }
      last.clear();
    }
  }

  private void transaction(Connection connection) throws SQLException {
    long then = calm.now();
    boolean autocommit = habits.levels().isEmpty() || random.nextInt(3) == 0;
    int level = autocommit ? 0 : any(habits.levels());
    connection.setAutoCommit(autocommit);
    boolean keeps = !autocommit && level != Connection.TRANSACTION_READ_COMMITTED;
    try {
      if (!autocommit) {
        connection.setTransactionIsolation(level);
        early(connection, keeps);
      }
      Map<String, Set<String>> seen = new HashMap<>();
      int statements = 1 + random.nextInt(4);
      for (int i = 0; i < statements; i++) {
        if (keeps && i > 0 && random.nextDouble() < 5 * habits.pauses()) {
          Moments.pause(random.nextInt(700));
        }
        statement(connection, autocommit, keeps, seen);
      }
      if (!autocommit) {
        connection.commit();
      }
    } catch (LeftBehind e) {
      oracle.violation(String.valueOf(e.getMessage()));
      end(connection, autocommit);
    } catch (SQLException e) {
      last.add(String.valueOf(e.getMessage()));
      String state = String.valueOf(e.getSQLState());
      if (state.startsWith("RG")) {
        refusals.incrementAndGet();
        if (demandsLiveness && calm.since(then)) {
          oracle.violation("refused while all was certified and calm: " + e.getMessage());
        }
      }
      end(connection, autocommit);
      if (CUTS.matcher(state).lookingAt()) {
        throw e;
      }
    }
  }

  /** Something unguarded that takes the snapshot, long before anything guarded is read. */
  private void early(Connection connection, boolean keeps) throws SQLException {
    if (random.nextInt(2) == 0) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT count(*) FROM proof.generation");
      }
      if (keeps && random.nextDouble() < 5 * habits.pauses()) {
        Moments.pause(random.nextInt(700));
      }
    }
  }

  private <T> T any(List<T> choice) {
    return choice.get(random.nextInt(choice.size()));
  }

  private static void end(Connection connection, boolean autocommit) throws SQLException {
    if (!autocommit) {
      connection.rollback();
    }
  }

  private void statement(
      Connection connection, boolean autocommit, boolean keeps, Map<String, Set<String>> seen)
      throws SQLException {
    String entrypoint = any(habits.entrypoints());
    Way way = any(habits.ways());
    if (autocommit ? way.needsTransaction() : way == Way.ERROR) {
      way = Way.SIMPLE;
    }
    if (way == Way.EXECUTED && !autocommit) {
      way = Way.PREPARED;
    }
    long millis = ReaderClock.system().wallMillis();
    long nanos = ReaderClock.system().monotonicNanos();
    last.add(way + (autocommit ? "" : " in transaction"));
    Way.Rows rows = way.read(connection, entrypoint);
    Lineage lineage = way == Way.ERROR ? Lineage.NONE : connection.unwrap(Lineage.class);
    Set<String> snapshot = seen.computeIfAbsent(entrypoint, name -> new TreeSet<>());
    if (keeps) {
      snapshot.addAll(rows.states);
    }
    oracle.released(
        new Read(
            entrypoint,
            way.name(),
            rows.states,
            rows.count,
            rows.good,
            lineage,
            nanos,
            millis,
            new TreeSet<>(snapshot)));
  }
}
