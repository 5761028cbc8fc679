package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.plan.PublishMode;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What must happen at one moment of a run, and seldom would by chance. */
final class Traps {
  /** Every run over a closed row waits for it, until it has been forgotten a minute later. */
  private static final String LONGER = "3 s";

  private final ProofStore store;
  private final Cycles cycles;
  private final Random random;

  Traps(ProofStore store, Cycles cycles, Random random) {
    this.store = store;
    this.cycles = cycles;
    this.random = random;
  }

  void loweredLease() throws SQLException {
    lease(LONGER);
    cycles.input(true);
    cycles.run("one", PublishMode.ATOMIC);
    Moments.pause(300 + random.nextInt(300));
    lease(ProofStore.LEASE.toMillis() + " ms");
    cycles.input(true);
    cycles.run("one", PublishMode.ATOMIC);
    cycles.input(false);
    cycles.run("one", PublishMode.STAGED);
  }

  /** The row is closed while leases on what it certified are out, and a run finds it so. */
  void reopened() throws SQLException {
    lease(LONGER);
    cycles.input(true);
    cycles.run("one", PublishMode.ATOMIC);
    Moments.pause(200 + random.nextInt(300));
    lease(ProofStore.LEASE.toMillis() + " ms");
    // Somebody writes what was there before.
    store.sql("UPDATE proof.live SET generation = generation");
    cycles.input(true);
    cycles.run("one", PublishMode.ATOMIC);
  }

  private void lease(String lease) throws SQLException {
    store.sql("UPDATE audit.entrypoint_policy SET lease = '" + lease + "' WHERE store = 'one'");
  }

  /** The paused run's own threads stand still until the one of them that refreshes has gone on. */
  void takenOver() throws SQLException {
    cycles.input(true);
    AtomicReference<Thread> paused = new AtomicReference<>();
    CountDownLatch wentOn = new CountDownLatch(1);
    cycles.run(
        "one",
        PublishMode.STAGED,
        (connection, sql) -> {
          if (!connection.endsWith(" worker")) {
            if (paused.get() != null) {
              Moments.await(wentOn);
            }
          } else if (sql.contains("audit.fence")
              && paused.compareAndSet(null, Thread.currentThread())) {
            cycles.end(" one");
            cycles.end(" history");
            String other = "NOT BEGUN";
            for (int i = 0; i < 10 && other.startsWith("NOT BEGUN"); i++) {
              Moments.pause(50);
              other = cycles.run("one", PublishMode.ATOMIC);
            }
            cycles.input(false);
          } else if (sql.equals("COMMIT") && paused.get() == Thread.currentThread()) {
            Moments.later(300, wentOn::countDown);
          }
          return sql;
        });
  }

  void publishedOver() throws SQLException {
    cycles.input(true);
    AtomicBoolean done = new AtomicBoolean();
    cycles.run(
        "one",
        PublishMode.ATOMIC,
        (connection, sql) -> {
          if (sql.contains("audit.publish_certificate") && !done.getAndSet(true)) {
            store.sql("UPDATE proof.live SET generation = -nextval('proof.generation')");
          }
          return sql;
        });
    Moments.pause(100);
  }

  void burst(Standby standby) throws SQLException {
    Moments.pause(300);
    standby.lags(true);
    cycles.input(false);
    AtomicInteger refreshed = new AtomicInteger();
    cycles.run(
        "one",
        PublishMode.STAGED,
        (connection, sql) -> {
          boolean worker = connection.endsWith(" worker");
          if (worker && sql.equals("COMMIT")) {
            refreshed.incrementAndGet();
          } else if (!worker && refreshed.get() > 1 && refreshed.getAndSet(-1000) > 1) {
            standby.lags(false);
            Moments.pause(500);
          }
          return sql;
        });
    cycles.input(true);
    cycles.run("one", PublishMode.ATOMIC);
  }
}
