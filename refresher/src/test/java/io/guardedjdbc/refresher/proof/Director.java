package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.plan.PublishMode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the writers write: one scene after another, each as a seed wants it. */
final class Director {
  /** How long all that a director does may hold up a calm moment. */
  static final Duration SETTLING = Duration.ofMillis(1200);

  private final ProofStore store;
  private final Random random;
  private final Cycles cycles;
  private final Faults faults;
  private final Traps traps;
  private final Somebody somebody;
  private final Stage stage;
  private final @Nullable Standby standby;
  private final List<Scene> choice;

  /**
   * @param standby of the store's server; null: it has none
   * @param ownServer whether the server may be stopped
   */
  Director(
      ProofStore store,
      Random random,
      Cycles cycles,
      Faults faults,
      Somebody somebody,
      Stage stage,
      @Nullable Standby standby,
      boolean ownServer) {
    this.store = store;
    this.random = random;
    this.cycles = cycles;
    this.faults = faults;
    this.traps = new Traps(store, cycles, random);
    this.somebody = somebody;
    this.stage = stage;
    this.standby = standby;
    this.choice =
        Stream.of(Scene.values())
            .filter(
                scene ->
                    switch (scene) {
                      case RESTARTED -> ownServer;
                      case WIRE -> faults.hasWire();
                      case BURST, LAG -> standby != null;
                      default -> true;
                    })
            .flatMap(scene -> Stream.generate(() -> scene).limit(scene.weight()))
            .toList();
  }

  /** Any scene that can be played here. */
  Scene any() {
    return choice.get(random.nextInt(choice.size()));
  }

  void play(Scene scene) throws SQLException {
    stage.tally().add(Tally.Of.SCENE, scene.name());
    switch (scene) {
      case CYCLE -> {
        if (random.nextInt(3) == 0) {
          cycles.hit(cycles.anyMode(), () -> cycles.end(""));
        } else {
          cycles.any(cycles.anyMode());
        }
      }
      case STAGED -> cycles.any(random.nextBoolean() ? PublishMode.STAGED : PublishMode.BLOCKING);
      case ATOMIC -> {
        cycles.input(true);
        cycles.run("one", PublishMode.ATOMIC);
      }
      case SOMEBODY -> {
        somebody.changesSealed();
        heal();
      }
      case UNSEALED -> {
        somebody.changesUnsealed();
        cycles.input(true);
        cycles.run("four", cycles.anyMode());
      }
      case PROCEDURE -> procedure(random.nextInt(4) != 0);
      case WINDOW -> {
        procedure(false);
        Moments.pause(random.nextInt(100));
        procedure(true);
        Moments.pause(random.nextInt(400));
      }
      case LOWERED_LEASE -> traps.loweredLease();
      case TAKEN_OVER -> traps.takenOver();
      case PUBLISHED_OVER -> {
        traps.publishedOver();
        heal();
      }
      case REOPENED -> traps.reopened();
      case AGED -> Moments.pause(ProofStore.SHORT_AGE.toMillis() + random.nextInt(2000));
      case REGISTRY -> {
        faults.registry();
        heal();
      }
      case TERMINATED -> faults.terminated();
      case RESTARTED -> faults.restarted();
      case WIRE -> faults.wire();
      case BURST -> traps.burst(requireStandby());
      case LAG -> {
        requireStandby().lags(true);
        cycles.any(random.nextBoolean() ? PublishMode.STAGED : PublishMode.BLOCKING);
        cycles.any(random.nextBoolean() ? PublishMode.STAGED : PublishMode.BLOCKING);
        requireStandby().lags(false);
      }
    }
  }

  private Standby requireStandby() {
    return Objects.requireNonNull(standby);
  }

  private void procedure(boolean good) throws SQLException {
    cycles.input(good);
    store.sql("CALL proof.old_refresh()");
  }

  /** Everything certified again, whatever was done to it; readers leave it the machine. */
  void heal() throws SQLException {
    stage.hushed().set(true);
    try {
      healed();
    } finally {
      stage.hushed().set(false);
    }
  }

  private void healed() throws SQLException {
    for (int i = 0; i < 20; i++) {
      cycles.input(true);
      if (store.ask("SELECT generation < 0 FROM proof.live").equals("t")) {
        // Not before every lease is over: this, too, is somebody's change of a sealed store.
        Moments.pause(ProofStore.LEASE.toMillis() + 100);
        store.sql("UPDATE proof.live SET generation = nextval('proof.generation')");
      }
      store.sql(
          "INSERT INTO audit.t0_cert_registry (entrypoint, status, certified_at)"
              + " VALUES ('proof.old_v', 'FAILED', now()) ON CONFLICT DO NOTHING; CALL proof.old_refresh()");
      for (String name : List.of("one", "three", "four", "two")) {
        if (!store.certified("proof." + name + "_v")) {
          cycles.run(name, PublishMode.ATOMIC);
        }
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
}
