package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Restart;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What goes wrong around readers and writers: registry, sessions, server, and wire. */
final class Faults {
  private final ProofStore store;
  private final Cycles cycles;
  private final Random random;
  private final Tally tally;
  private final @Nullable Wire wire;

  /**
   * @param wire to the store's server; null: all go straight to it
   */
  Faults(ProofStore store, Cycles cycles, Random random, Tally tally, @Nullable Wire wire) {
    this.store = store;
    this.cycles = cycles;
    this.random = random;
    this.tally = tally;
    this.wire = wire;
  }

  boolean hasWire() {
    return wire != null;
  }

  void registry() throws SQLException {
    switch (random.nextInt(4)) {
      case 0 -> {
        tally.add(Tally.Of.SCENE, "REGISTRY locked");
        store.sql(
            "BEGIN; LOCK TABLE audit.t0_cert_registry IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.3); COMMIT");
      }
      case 1 -> {
        tally.add(Tally.Of.SCENE, "REGISTRY emptied");
        store.sql("DELETE FROM audit.t0_cert_registry");
      }
      case 2 -> {
        tally.add(Tally.Of.SCENE, "REGISTRY renamed");
        store.sql("ALTER TABLE audit.t0_cert_registry RENAME TO gone");
        Moments.pause(200);
        store.sql("ALTER TABLE audit.gone RENAME TO t0_cert_registry");
      }
      default -> {
        tally.add(Tally.Of.SCENE, "REGISTRY not granted");
        // The role's readers find out when their look, or their lease, is over.
        store.sql("REVOKE USAGE ON SCHEMA audit FROM PUBLIC");
        Moments.pause(2 * ProofStore.LEASE.toMillis());
        store.sql("GRANT USAGE ON SCHEMA audit TO PUBLIC");
      }
    }
  }

  void terminated() throws SQLException {
    store.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            + " AND datname = current_database() AND random() < 0.3"
            + " AND application_name NOT LIKE 'guarded-jdbc refresher%'");
  }

  /** Stopped as by a crash, or in order, and started again. */
  void restarted() throws SQLException {
    String data = store.ask("SHOW data_directory");
    cycles.hit(
        cycles.anyMode(),
        () -> {
          boolean crash = random.nextBoolean();
          tally.add(Tally.Of.SCENE, crash ? "RESTARTED after a crash" : "RESTARTED in order");
          Restart.of(data, crash ? "immediate" : "fast");
        });
  }

  /** Readers and the run share the wire: the answer to a COMMIT waits with those to the reads. */
  void wire() throws SQLException {
    Wire over = Objects.requireNonNull(wire);
    over.delay(random.nextInt(20));
    cycles.input(random.nextBoolean());
    int commit = random.nextInt(4);
    boolean lost = random.nextBoolean();
    AtomicInteger commits = new AtomicInteger();
    cycles.run(
        store.at(over.port()),
        "one",
        random.nextBoolean() ? PublishMode.ATOMIC : PublishMode.STAGED,
        (connection, sql) -> {
          if (sql.equals("COMMIT") && commits.getAndIncrement() == commit) {
            tally.add(Tally.Of.SCENE, lost ? "WIRE cut at a commit" : "WIRE held at a commit");
            over.holdAnswers(true);
            Moments.later(2 * ProofStore.LEASE.toMillis(), () -> release(over, lost));
          }
          return sql;
        });
    over.delay(0);
  }

  private static void release(Wire over, boolean lost) {
    if (lost) {
      over.cut();
    }
    over.holdAnswers(false);
  }
}
