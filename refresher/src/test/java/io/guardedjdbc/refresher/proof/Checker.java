package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.guard.OpenedWithParts;
import io.guardedjdbc.guard.ReaderProtection;
import io.guardedjdbc.refresher.proof.Director.Scene;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Readers, a director and the oracle at work on one database, until the time is over or a promise
 * is seen broken.
 */
final class Checker {
  /**
   * What came of it.
   *
   * @param reads how many statements were judged
   * @param refusals how many were refused
   */
  record Found(
      long seed,
      long reads,
      long refusals,
      int runs,
      Map<String, Integer> outcomes,
      Duration time,
      List<String> violations) {}

  /** Between two calm moments. */
  private static final int SCENES = 4;

  private final ProofStore store;
  private final String rowsUrl;
  private final String looksUrl;
  private final long seed;
  private final @Nullable Mutant mutant;
  private final int readers;
  private final Oracle oracle;
  private final Calm calm = new Calm();
  private final FaultyClock clock = new FaultyClock();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong refusals = new AtomicLong();
  private final Director director;

  /**
   * @param mutant what is broken; null: nothing
   */
  Checker(ProofStore store, long seed, @Nullable Mutant mutant, int readers) {
    this(store, store.url(), store.url(), null, null, seed, mutant, readers);
  }

  /** Nothing broken but the wire, at times, on which readers and some runs come to the server. */
  static Checker over(Wire wire, ProofStore store, long seed, int readers) {
    String url = store.url().replaceFirst(":\\d+/", ":" + wire.port() + "/");
    return new Checker(store, url, url, null, wire, seed, null, readers);
  }

  /** With rows from the standby, or with looks alone. */
  static Checker across(Standby servers, long seed, Mutant mutant, int readers) {
    String primary = servers.onPrimary().url();
    String standby = servers.onStandby().url();
    String rows = mutant == Mutant.STANDBY_RULE ? standby : primary;
    return new Checker(servers.onPrimary(), rows, standby, servers, null, seed, mutant, readers);
  }

  private Checker(
      ProofStore store,
      String rowsUrl,
      String looksUrl,
      @Nullable Standby standby,
      @Nullable Wire wire,
      long seed,
      @Nullable Mutant mutant,
      int readers) {
    this.store = store;
    this.rowsUrl = rowsUrl;
    this.looksUrl = looksUrl;
    this.seed = seed;
    this.mutant = mutant;
    this.readers = readers;
    this.oracle = new Oracle(standby == null ? store : new ProofStore(rowsUrl));
    this.director =
        mutant == null
            ? new Director(
                store,
                new Random(seed),
                ReaderClock.system(),
                true,
                UnaryOperator.identity(),
                standby,
                wire)
            : new Director(
                store,
                new Random(seed),
                mutant.leaseClock(),
                mutant.mvcc(),
                mutant::sent,
                standby,
                null);
  }

  Found run(Duration longest) throws SQLException {
    long begin = ReaderClock.system().monotonicNanos();
    if (mutant != null && mutant.sql() != null) {
      store.sql(Objects.requireNonNull(mutant.sql()));
    }
    clock.pausing(habits().pauses());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      boolean parts = mutant != null || i % 2 == 0;
      Reader reader =
          new Reader(
              parts ? this::withParts : this::byDriver,
              oracle,
              calm,
              new Random(seed + i),
              stop,
              refusals,
              mutant == null,
              habits());
      threads.add(start(reader, "proof reader " + i));
    }
    threads.add(start(this::judge, "proof oracle"));
    threads.add(start(() -> clocks(new Random(seed)), "proof clocks"));
    try {
      while (!over(begin, longest)) {
        act();
      }
    } finally {
      stop.set(true);
      threads.forEach(Checker::join);
    }
    oracle.judge();
    return new Found(
        seed,
        oracle.judged(),
        refusals.get(),
        director.runs(),
        director.outcomes(),
        Duration.ofNanos(ReaderClock.system().monotonicNanos() - begin),
        oracle.violations());
  }

  private Habits habits() {
    return mutant == null ? Habits.ALL : mutant.habits();
  }

  private boolean over(long begin, Duration longest) {
    return ReaderClock.system().monotonicNanos() - begin > longest.toNanos()
        || !oracle.violations().isEmpty();
  }

  /** A few scenes, then a calm moment; what is broken is broken all the time. */
  private void act() throws SQLException {
    if (mutant != null) {
      for (Scene scene : mutant.scenes()) {
        director.play(scene);
      }
      return;
    }
    for (int i = 0; i < SCENES && oracle.violations().isEmpty(); i++) {
      director.play(director.any());
    }
    director.heal();
    clock.pausing(0);
    Moments.pause(Director.SETTLING.toMillis());
    if (store.certified()) {
      calm.begins();
      Moments.pause(300);
      calm.ends();
    }
    clock.pausing(habits().pauses());
  }

  private Connection withParts(Random random) throws SQLException {
    boolean always =
        mutant == null
            ? random.nextInt(3) == 0
            : mutant.alwaysLooks() || (!mutant.leasedAlone() && random.nextInt(4) == 0);
    return new OpenedWithParts(
            rowsUrl,
            looksUrl,
            "proof " + store.url() + mutant,
            clock,
            mutant == null ? ReaderProtection.NONE : mutant.reader())
        .open(always, null);
  }

  private Connection byDriver(Random random) throws SQLException {
    String url = rowsUrl.replace("jdbc:", "jdbc:guarded:");
    String more = random.nextInt(3) == 0 ? "&guard.validation=always" : "";
    return Objects.requireNonNull(new GuardedDriver().connect(url + more, new Properties()));
  }

  private void judge() {
    while (!stop.get()) {
      try {
        oracle.judge();
      } catch (SQLException e) {
        Moments.pause(20); // The server, or the session, is gone: later.
      }
      Moments.pause(20);
    }
  }

  /** One clock at a time: nobody promises anything where both stand still. */
  private void clocks(Random random) {
    while (!stop.get()) {
      boolean monotonic = random.nextBoolean();
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
}
