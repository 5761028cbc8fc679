package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.guard.OpenedWithParts;
import io.guardedjdbc.refresher.proof.Reader.Kind;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Readers, a director and the oracle at work on one database, until the time is over or a promise
 * is seen broken.
 */
final class Checker implements AutoCloseable {
  /**
   * What came of it.
   *
   * @param reads how many statements were judged
   */
  record Found(long seed, long reads, Tally tally, Duration time, List<String> violations) {
    long refusals() {
      return tally.sum(Tally.Of.REFUSED);
    }

    @Override
    public String toString() {
      return reads + " reads judged, " + refusals() + " refused, " + time + ", " + violations;
    }
  }

  /** Between two calm moments. */
  private static final int SCENES = 6;

  private final ProofStore store;
  private final long seed;
  private final @Nullable Mutant mutant;
  private final int readers;
  private final Stage stage;
  private final Oracle oracle;
  private final @Nullable Oracle ofStandby;
  private final FaultyClock clock = new FaultyClock();
  private final Director director;
  private final @Nullable Readers sources;
  private final String rowsUrl;
  private final String looksUrl;

  /** Something broken, with all on one server. */
  Checker(ProofStore store, long seed, Mutant mutant, int readers) {
    this(store, store.url(), store.url(), null, null, false, seed, mutant, readers);
  }

  /**
   * Nothing broken but the wire, at times, on which most readers and some runs come to the server.
   *
   * @param standby of the server, for some readers; null: it has none
   * @param ownServer whether nobody else minds that it is stopped
   */
  Checker(
      ProofStore store,
      Wire wire,
      @Nullable Standby standby,
      boolean ownServer,
      long seed,
      int readers) {
    this(store, store.url(), store.url(), standby, wire, ownServer, seed, null, readers);
  }

  /** Something broken, with rows from the standby, or with looks alone. */
  static Checker across(Standby servers, long seed, Mutant mutant, int readers) {
    String primary = servers.onPrimary().url();
    String standby = servers.onStandby().url();
    String rows = mutant == Mutant.STANDBY_RULE ? standby : primary;
    return new Checker(
        servers.onPrimary(), rows, standby, servers, null, false, seed, mutant, readers);
  }

  private Checker(
      ProofStore store,
      String rowsUrl,
      String looksUrl,
      @Nullable Standby standby,
      @Nullable Wire wire,
      boolean ownServer,
      long seed,
      @Nullable Mutant mutant,
      int readers) {
    this.store = store;
    this.rowsUrl = rowsUrl;
    this.looksUrl = looksUrl;
    this.seed = seed;
    this.mutant = mutant;
    this.readers = readers;
    this.stage = new Stage(mutant == null);
    Tally tally = stage.tally();
    this.oracle = new Oracle(new ProofStore(rowsUrl), tally);
    this.ofStandby =
        mutant == null && standby != null ? new Oracle(standby.onStandby(), tally) : null;
    this.sources =
        wire == null
            ? null
            : new Readers(store, store.at(wire.port()), standby, clock, stage.calm());
    Random random = new Random(seed);
    Cycles cycles =
        mutant == null
            ? new Cycles(store, random, ReaderClock.system(), true, UnaryOperator.identity(), tally)
            : new Cycles(store, random, mutant.leaseClock(), mutant.mvcc(), mutant::sent, tally);
    this.director =
        new Director(
            store,
            random,
            cycles,
            new Faults(store, cycles, random, tally, wire),
            new Somebody(store, this::unsealed, random, tally),
            stage,
            standby,
            ownServer);
  }

  Found run(Duration longest) throws SQLException {
    long begin = ReaderClock.system().monotonicNanos();
    if (mutant != null && mutant.sql() != null) {
      store.sql(Objects.requireNonNull(mutant.sql()));
    }
    clock.pausing(habits().pauses());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      threads.add(start(reader(i), "proof reader " + i));
    }
    threads.add(start(() -> judge(oracle), "proof oracle"));
    if (ofStandby != null) {
      threads.add(start(() -> judge(ofStandby), "proof oracle of the standby"));
    }
    threads.add(start(() -> clocks(new Random(seed)), "proof clocks"));
    try {
      while (!over(begin, longest)) {
        act();
      }
    } finally {
      stage.stop().set(true);
      threads.forEach(Checker::join);
    }
    oracle.judge();
    if (ofStandby != null) {
      ofStandby.judge();
    }
    return new Found(
        seed,
        oracle.judged() + (ofStandby == null ? 0 : ofStandby.judged()),
        stage.tally(),
        Duration.ofNanos(ReaderClock.system().monotonicNanos() - begin),
        violations());
  }

  private Reader reader(int number) {
    Random random = new Random(seed + number);
    if (sources == null) {
      return new Reader(Kind.PARTS, this::broken, oracle, stage, random);
    }
    Kind kind = sources.kind(number);
    Oracle of = kind == Kind.STANDBY ? Objects.requireNonNull(ofStandby) : oracle;
    return new Reader(kind, more -> sources.open(kind, more), of, stage, random);
  }

  private Reader.Opened broken(Random random) throws SQLException {
    Mutant broken = Objects.requireNonNull(mutant);
    boolean always = broken.alwaysLooks() || (!broken.leasedAlone() && random.nextInt(4) == 0);
    OpenedWithParts parts =
        new OpenedWithParts(
            rowsUrl, looksUrl, "proof " + store.url() + broken, clock, broken.reader());
    String pin = broken == Mutant.PIN ? store.certificate(ProofStore.ONE) : null;
    return new Reader.Opened(parts.open(always, pin), broken.habits(), pin, 0);
  }

  private Habits habits() {
    return mutant == null ? Habits.ALL : mutant.habits();
  }

  private List<String> violations() {
    List<String> all = new ArrayList<>(oracle.violations());
    if (ofStandby != null) {
      ofStandby.violations().forEach(violation -> all.add("on the standby, " + violation));
    }
    return all;
  }

  private void unsealed(long generation, long after) {
    oracle.unsealed(generation, after);
    if (ofStandby != null) {
      ofStandby.unsealed(generation, after);
    }
  }

  private boolean over(long begin, Duration longest) {
    return ReaderClock.system().monotonicNanos() - begin > longest.toNanos()
        || !violations().isEmpty();
  }

  /** A few scenes, then a calm moment; what is broken is broken all the time. */
  private void act() throws SQLException {
    if (mutant != null) {
      for (Scene scene : mutant.scenes()) {
        director.play(scene);
      }
      return;
    }
    for (int i = 0; i < SCENES && violations().isEmpty(); i++) {
      director.play(director.any());
    }
    director.heal();
    clock.pausing(0);
    Moments.pause(Director.SETTLING.toMillis());
    if (store.certified()) {
      stage.calm().begins();
      Moments.pause(300);
      stage.calm().ends();
      stage.tally().add(Tally.Of.SEEN, "calm moments");
    }
    clock.pausing(habits().pauses());
    store.emptySink();
  }

  private void judge(Oracle by) {
    while (!stage.over()) {
      try {
        by.judge();
      } catch (SQLException e) {
        Moments.pause(20); // The server, or the session, is gone: later.
      }
      Moments.pause(20);
    }
  }

  /** One clock at a time: nobody promises anything where both stand still. */
  private void clocks(Random random) {
    while (!stage.over()) {
      boolean monotonic = mutant == Mutant.WALL_CLOCK || random.nextBoolean();
      if (monotonic) {
        clock.still(true);
      } else {
        clock.jump(Duration.ofMinutes(random.nextInt(120) - 60));
      }
      Moments.pause(500 + random.nextInt(mutant == null ? 1500 : 4000));
      clock.still(false);
      clock.jump(Duration.ZERO);
      // Longer than a lease, or a look would meet both faults.
      Moments.pause(2 * ProofStore.LEASE.toMillis() + random.nextInt(1000));
    }
  }

  private static Thread start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void join(Thread thread) {
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (sources != null) {
      sources.close();
    }
    oracle.close();
    if (ofStandby != null) {
      ofStandby.close();
    }
  }
}
