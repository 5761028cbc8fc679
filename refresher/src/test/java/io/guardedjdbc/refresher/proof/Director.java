package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.run.DrivenCycle;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes the writers write: one scene after another, each as a seed wants it. */
final class Director {
  /** What happens to the stores. */
  enum Scene {
    /** A run of any store in any mode, on good or bad input, which may die anywhere. */
    CYCLE,
    /** The same in staged mode alone. */
    STAGED,
    /** The same in atomic mode alone, on good input. */
    ATOMIC,
    /** Somebody refreshes, or writes to a live table, in a sealed store. */
    SOMEBODY,
    /** The runbook's own procedure. */
    PROCEDURE,
    /** The same twice in a row, with bad rows in between. */
    WINDOW,
    /** A longer lease is granted, then a shorter one, then the store is closed. */
    LOWERED_LEASE,
    /** Another run takes over from one that was cut off from its lock, and was only paused. */
    TAKEN_OVER,
    /** Somebody writes to a live table right before the publishing of what the gates saw. */
    PUBLISHED_OVER,
    /** Nothing is certified for longer than a certificate lasts. */
    AGED,
    /** The registry is locked, emptied or gone for a while. */
    REGISTRY,
    /** Sessions are ended, the driver's own too. */
    TERMINATED,
    /** Answers come late, or never, acknowledged commits among them. */
    WIRE,
    /** The standby shows a revocation and the rows after it in one burst. */
    BURST,
    /** The standby lags behind while the primary refreshes. */
    LAG
  }

  private static final List<PublishMode> MODES = List.of(PublishMode.values());

  private static final List<Scene> WEIGHTED =
      List.of(
          Scene.CYCLE,
          Scene.CYCLE,
          Scene.CYCLE,
          Scene.CYCLE,
          Scene.CYCLE,
          Scene.SOMEBODY,
          Scene.PROCEDURE,
          Scene.PROCEDURE,
          Scene.WINDOW,
          Scene.LOWERED_LEASE,
          Scene.TAKEN_OVER,
          Scene.PUBLISHED_OVER,
          Scene.REGISTRY,
          Scene.TERMINATED,
          Scene.WIRE,
          Scene.WIRE);

  private final ProofStore store;
  private final Random random;
  private final DrivenCycle cycle;
  private final UnaryOperator<String> rewritten;
  private final @Nullable Standby standby;
  private final @Nullable Wire wire;
  private final ReaderClock leaseClock;
  private final AtomicInteger runs = new AtomicInteger();
  private final Map<String, Integer> outcomes = new ConcurrentHashMap<>();

  /**
   * @param rewritten what becomes of each text that a run sends
   * @param standby of the store's server; null: it has none
   * @param wire to the store's server; null: all go straight to it
   */
  Director(
      ProofStore store,
      Random random,
      ReaderClock leaseClock,
      boolean mvcc,
      UnaryOperator<String> rewritten,
      @Nullable Standby standby,
      @Nullable Wire wire) {
    this.store = store;
    this.random = random;
    this.cycle = new DrivenCycle(store.url(), leaseClock, mvcc);
    this.rewritten = rewritten;
    this.standby = standby;
    this.wire = wire;
    this.leaseClock = leaseClock;
  }

  int runs() {
    return runs.get();
  }

  /** How often runs ended how. */
  Map<String, Integer> outcomes() {
    return Map.copyOf(outcomes);
  }

  /** Any scene. */
  Scene any() {
    return WEIGHTED.get(random.nextInt(WEIGHTED.size()));
  }

  void play(Scene scene) throws SQLException {
    switch (scene) {
      case CYCLE -> cycle(MODES.get(random.nextInt(MODES.size())), true);
      case STAGED -> cycle(random.nextBoolean() ? PublishMode.STAGED : PublishMode.BLOCKING, false);
      case ATOMIC -> {
        input(true);
        run("one", PublishMode.ATOMIC);
      }
      case SOMEBODY -> somebody();
      case PROCEDURE -> {
        input(random.nextInt(4) != 0);
        store.sql("CALL proof.old_refresh()");
      }
      case WINDOW -> {
        input(false);
        store.sql("CALL proof.old_refresh()");
        Moments.pause(random.nextInt(100));
        input(true);
        store.sql("CALL proof.old_refresh()");
        Moments.pause(random.nextInt(400));
      }
      case LOWERED_LEASE -> loweredLease();
      case TAKEN_OVER -> takenOver();
      case PUBLISHED_OVER -> publishedOver();
      case AGED -> Moments.pause(ProofStore.SHORT_AGE.toMillis() + random.nextInt(2000));
      case REGISTRY -> registry();
      case WIRE -> wire();
      case BURST -> burst();
      case LAG -> {
        requireStandby().lags(true);
        cycle(PublishMode.STAGED, false);
        cycle(PublishMode.STAGED, false);
        requireStandby().lags(false);
      }
      case TERMINATED ->
          store.sql(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                  + " AND datname = current_database() AND random() < 0.3"
                  + " AND application_name NOT LIKE 'guarded-jdbc refresher%'");
    }
  }

  /** Everything certified again, whatever was done to it. */
  void heal() throws SQLException {
    for (int i = 0; i < 20; i++) {
      input(true);
      if (store.ask("SELECT generation < 0 FROM proof.live").equals("t")) {
        // Not before every lease is over: this, too, is somebody's change of a sealed store.
        Moments.pause(ProofStore.LEASE.toMillis() + 100);
        store.sql("UPDATE proof.live SET generation = nextval('proof.generation')");
      }
      store.sql(
          "INSERT INTO audit.t0_cert_registry (entrypoint, status, certified_at)"
              + " VALUES ('proof.old_v', 'FAILED', now()) ON CONFLICT DO NOTHING; CALL proof.old_refresh()");
      for (String name : List.of("one", "three", "two")) {
        run(name, PublishMode.ATOMIC);
      }
      if (store.certified()) {
        return;
      }
    }
    throw new AssertionError(
        "not to be healed: "
            + store.ask("SELECT string_agg(g::text, E'\\n') FROM audit.t0_cert_registry g")
            + store.ask(
                "SELECT string_agg(r::text, E'\\n') FROM (SELECT * FROM audit.run ORDER BY run_id DESC LIMIT 5) r"));
  }

  private void input(boolean good) throws SQLException {
    store.sql("SELECT proof.next_input(" + good + ")");
  }

  private String run(String name, PublishMode mode) {
    return run(name, mode, (connection, sql) -> sql);
  }

  private String run(String name, PublishMode mode, DrivenCycle.Hands hands) {
    runs.incrementAndGet();
    String ended =
        cycle.run(name, mode, (connection, sql) -> rewritten.apply(hands.sent(connection, sql)));
    int colon = ended.indexOf(':');
    outcomes.merge(colon < 0 ? ended : ended.substring(0, colon), 1, Integer::sum);
    return ended;
  }

  private void cycle(PublishMode mode, boolean mayDie) throws SQLException {
    input(random.nextInt(3) != 0);
    String name = ProofStore.STORES.get(random.nextInt(ProofStore.STORES.size()));
    int dies = mayDie && random.nextInt(3) == 0 ? random.nextInt(60) : -1;
    AtomicInteger statement = new AtomicInteger();
    run(
        name,
        mode,
        (connection, sql) -> {
          if (statement.incrementAndGet() == dies) {
            endRun("");
          }
          return sql;
        });
  }

  private void endRun(String suffix) throws SQLException {
    store.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name LIKE 'guarded-jdbc refresher%"
            + suffix
            + "'");
  }

  private void somebody() throws SQLException {
    if (random.nextBoolean()) {
      store.sql("UPDATE proof.live SET generation = -nextval('proof.generation')");
    } else {
      store.sql(
          "UPDATE proof.input SET generation = -nextval('proof.generation');"
              + " REFRESH MATERIALIZED VIEW proof.a_mv");
    }
    Moments.pause(random.nextInt(500));
    heal();
  }

  private void loweredLease() throws SQLException {
    lease("6 s");
    input(true);
    run("one", PublishMode.ATOMIC);
    Moments.pause(300 + random.nextInt(300));
    lease(ProofStore.LEASE.toMillis() + " ms");
    input(true);
    run("one", PublishMode.ATOMIC);
    // In full the wait for the longer lease is over only a minute later.
    input(false);
    AtomicBoolean waited = new AtomicBoolean();
    run(
        "one",
        PublishMode.STAGED,
        (connection, sql) -> {
          if (sql.contains("longest_lease") && !waited.getAndSet(true)) {
            return sql.replace("max(audit.longest_lease(e))", shortened());
          }
          return sql;
        });
  }

  /** As much as a test has time for. */
  private static String shortened() {
    return "least(max(audit.longest_lease(e)), interval '6 s')";
  }

  private void lease(String lease) throws SQLException {
    store.sql("UPDATE audit.entrypoint_policy SET lease = '" + lease + "' WHERE store = 'one'");
  }

  /** The paused run's own threads stand still until the one of them that refreshes has gone on. */
  private void takenOver() throws SQLException {
    input(true);
    AtomicReference<Thread> paused = new AtomicReference<>();
    CountDownLatch wentOn = new CountDownLatch(1);
    run(
        "one",
        PublishMode.STAGED,
        (connection, sql) -> {
          if (!connection.endsWith(" worker")) {
            if (paused.get() != null) {
              Moments.await(wentOn);
            }
          } else if (sql.contains("audit.fence")
              && paused.compareAndSet(null, Thread.currentThread())) {
            endRun(" one");
            endRun(" history");
            String other = "NOT BEGUN";
            for (int i = 0; i < 10 && other.startsWith("NOT BEGUN"); i++) {
              Moments.pause(50);
              other = run("one", PublishMode.ATOMIC);
            }
            input(false);
          } else if (sql.equals("COMMIT") && paused.get() == Thread.currentThread()) {
            later(wentOn);
          }
          return sql;
        });
  }

  private static void later(CountDownLatch latch) {
    Thread thread =
        new Thread(
            () -> {
              Moments.pause(300);
              latch.countDown();
            },
            "proof pause");
    thread.setDaemon(true);
    thread.start();
  }

  private void publishedOver() throws SQLException {
    input(true);
    AtomicBoolean done = new AtomicBoolean();
    run(
        "one",
        PublishMode.ATOMIC,
        (connection, sql) -> {
          if (sql.contains("audit.publish_certificate") && !done.getAndSet(true)) {
            store.sql("UPDATE proof.live SET generation = -nextval('proof.generation')");
          }
          return sql;
        });
    Moments.pause(100);
    heal();
  }

  /** Readers and the run share the wire: the answer to a COMMIT waits with those to the reads. */
  private void wire() throws SQLException {
    if (wire == null) {
      return;
    }
    Wire over = wire;
    over.delay(random.nextInt(20));
    input(random.nextBoolean());
    int commit = random.nextInt(4);
    boolean lost = random.nextBoolean();
    AtomicInteger commits = new AtomicInteger();
    runs.incrementAndGet();
    Thread later = new Thread(() -> release(over, lost), "proof held answers");
    later.setDaemon(true);
    new DrivenCycle(store.url().replaceFirst(":\\d+/", ":" + over.port() + "/"), leaseClock, true)
        .run(
            "one",
            random.nextBoolean() ? PublishMode.ATOMIC : PublishMode.STAGED,
            (connection, sql) -> {
              if (sql.equals("COMMIT") && commits.getAndIncrement() == commit) {
                over.holdAnswers(true);
                later.start();
              }
              return sql;
            });
    over.delay(0);
  }

  private static void release(Wire over, boolean lost) {
    Moments.pause(2 * ProofStore.LEASE.toMillis());
    if (lost) {
      over.cut();
    }
    over.holdAnswers(false);
  }

  private Standby requireStandby() {
    return Objects.requireNonNull(standby);
  }

  private void burst() throws SQLException {
    Moments.pause(300);
    requireStandby().lags(true);
    input(false);
    AtomicInteger refreshed = new AtomicInteger();
    run(
        "one",
        PublishMode.STAGED,
        (connection, sql) -> {
          boolean worker = connection.endsWith(" worker");
          if (worker && sql.equals("COMMIT")) {
            refreshed.incrementAndGet();
          } else if (!worker && refreshed.get() > 1 && refreshed.getAndSet(-1000) > 1) {
            requireStandby().lags(false);
            Moments.pause(500);
          }
          return sql;
        });
    input(true);
    run("one", PublishMode.ATOMIC);
  }

  private void registry() throws SQLException {
    switch (random.nextInt(3)) {
      case 0 ->
          store.sql(
              "BEGIN; LOCK TABLE audit.t0_cert_registry IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.3); COMMIT");
      case 1 -> store.sql("DELETE FROM audit.t0_cert_registry");
      default -> {
        store.sql("ALTER TABLE audit.t0_cert_registry RENAME TO gone");
        Moments.pause(200);
        store.sql("ALTER TABLE audit.gone RENAME TO t0_cert_registry");
      }
    }
    heal();
  }

  /** How long all that a director does may hold up a calm moment. */
  static final Duration SETTLING = Duration.ofMillis(1200);
}
