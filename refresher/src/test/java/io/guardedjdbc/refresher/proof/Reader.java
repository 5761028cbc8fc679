package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads in every way, transaction after transaction, and gives what came to the oracle. */
final class Reader implements Runnable {
  /** Who reads. */
  enum Kind {
    /** By a clock that stands still, jumps, and pauses its threads. */
    PARTS,
    /** By the driver as shipped. */
    DRIVER,
    /** The same without a pause, straight to the server: it reads on while answers are held. */
    BUSY,
    /** The same through HikariCP. */
    POOLED,
    /** Pinned to the certificate that was there when it connected. */
    PINNED,
    /** As a role that owns nothing. */
    ROLE,
    /** On the standby. */
    STANDBY
  }

  /**
   * A connection to read by.
   *
   * @param pin the only certificate that may cover what is read; null: any
   * @param calm the calm time it was opened in
   */
  record Opened(Connection connection, Habits habits, @Nullable String pin, long calm) {}

  /** Opens a connection, or borrows one. */
  @FunctionalInterface
  interface Source {
    Opened open(Random random) throws SQLException;
  }

  /** States after which there is no use in going on; refusals and a standby's "no" are none. */
  private static final Pattern CUTS = Pattern.compile("08|57P|XX|null");

  private static final Map<Integer, String> LEVELS =
      Map.of(
          0,
          "autocommit",
          Connection.TRANSACTION_READ_COMMITTED,
          "READ COMMITTED",
          Connection.TRANSACTION_REPEATABLE_READ,
          "REPEATABLE READ",
          Connection.TRANSACTION_SERIALIZABLE,
          "SERIALIZABLE");

  /** A pin that no longer fits is given up after so many refusals in a row. */
  private static final int PATIENCE = 3;

  private final Kind kind;
  private final Source source;
  private final Oracle oracle;
  private final Stage stage;
  private final Random random;
  private final List<String> last = new ArrayList<>();
  private int refusedInARow;

  Reader(Kind kind, Source source, Oracle oracle, Stage stage, Random random) {
    this.kind = kind;
    this.source = source;
    this.oracle = oracle;
    this.stage = stage;
    this.random = random;
  }

  @Override
  public void run() {
    while (!stage.over()) {
      refusedInARow = 0;
      try {
        Opened opened = source.open(random);
        try (Connection connection = opened.connection()) {
          int transactions = kind == Kind.POOLED ? 10 : 80;
          for (int i = 0; i < transactions && !stage.over() && !connection.isClosed(); i++) {
            transaction(opened);
            if (opened.pin() != null && refusedInARow > PATIENCE) {
              break;
            }
          }
        }
      } catch (SQLException e) {
        Moments.pause(20); // Cut, or refused for good: begin again with another.
      } catch (RuntimeException e) {
        oracle.violation("not even an SQLException: " + e + " after " + last);
      }
      last.clear();
    }
  }

  private void transaction(Opened opened) throws SQLException {
    Connection connection = opened.connection();
    Habits habits = opened.habits();
    if (stage.hushed().get()) {
      Moments.pause(20 + random.nextInt(60));
    }
    long then = stage.calm().now();
    boolean autocommit = habits.levels().isEmpty() || random.nextInt(3) == 0;
    int level = autocommit ? 0 : any(habits.levels());
    connection.setAutoCommit(autocommit);
    boolean keeps = !autocommit && level != Connection.TRANSACTION_READ_COMMITTED;
    try {
      if (!autocommit) {
        connection.setTransactionIsolation(level);
      }
      long began = ReaderClock.system().monotonicNanos();
      if (!autocommit) {
        early(connection, keeps, habits);
      }
      Map<String, Set<String>> seen = new HashMap<>();
      int statements = 1 + random.nextInt(4);
      for (int i = 0; i < statements; i++) {
        if (keeps && i > 0 && random.nextDouble() < 5 * habits.pauses()) {
          Moments.pause(random.nextInt(700));
        }
        statement(opened, level, keeps ? began : 0, seen);
        refusedInARow = 0;
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
        refused(opened, then, state, e);
      } else {
        stage.tally().add(Tally.Of.ERROR, state);
      }
      end(connection, autocommit);
      if (CUTS.matcher(state).lookingAt()) {
        throw e;
      }
    }
  }

  private void refused(Opened opened, long then, String state, SQLException refusal) {
    stage.tally().add(Tally.Of.REFUSED, state);
    refusedInARow++;
    boolean pinFits = opened.pin() == null || opened.calm() == then;
    if (kind != Kind.STANDBY && pinFits && stage.demandsLiveness(then)) {
      oracle.violation("refused while all was certified and calm: " + refusal.getMessage());
    }
    if (stage.leavesTheServerToOthers()) {
      Moments.pause(kind == Kind.BUSY ? 1 : random.nextInt(20));
    }
  }

  /** Something unguarded that takes the snapshot, long before anything guarded is read. */
  private void early(Connection connection, boolean keeps, Habits habits) throws SQLException {
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

  /**
   * @param keptSince when a transaction began that keeps its snapshot; 0: it keeps none
   */
  private void statement(Opened opened, int level, long keptSince, Map<String, Set<String>> seen)
      throws SQLException {
    boolean autocommit = level == 0;
    String entrypoint = any(opened.habits().entrypoints());
    String other = any(opened.habits().entrypoints());
    Way way = any(opened.habits().ways());
    if (autocommit ? way.needsTransaction() : way == Way.ERROR) {
      way = Way.SIMPLE;
    }
    if (way == Way.EXECUTED && !autocommit) {
      way = Way.PREPARED;
    }
    long millis = ReaderClock.system().wallMillis();
    long nanos = ReaderClock.system().monotonicNanos();
    last.add(way + (autocommit ? "" : " in transaction"));
    if (last.size() > 200) {
      last.subList(0, 100).clear();
    }
    for (Way.Rows rows : way.read(opened.connection(), entrypoint, other)) {
      Set<String> snapshot = seen.computeIfAbsent(rows.of, name -> new TreeSet<>());
      if (keptSince != 0) {
        snapshot.addAll(rows.states);
      }
      oracle.released(
          new Read(
              rows.of,
              way,
              kind,
              Objects.requireNonNull(LEVELS.get(level)),
              rows.states,
              rows.count,
              rows.good,
              Objects.requireNonNull(rows.lineage),
              opened.pin(),
              nanos,
              millis,
              keptSince != 0,
              keptSince != 0 ? keptSince : nanos,
              new TreeSet<>(snapshot)));
    }
  }
}
