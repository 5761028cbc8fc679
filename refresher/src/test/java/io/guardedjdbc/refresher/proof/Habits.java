package io.guardedjdbc.refresher.proof;

import java.sql.Connection;
import java.util.List;

/**
 * What readers choose from, each as often as it is named.
 *
 * @param entrypoints what they read
 * @param levels of isolation, of transactions; none: autocommit alone
 * @param ways in which they read
 * @param pauses how likely a reading of their clock is to take long; between statements they pause
 *     five times as often
 */
record Habits(List<String> entrypoints, List<Integer> levels, List<Way> ways, double pauses) {
  private static final int COMMITTED = Connection.TRANSACTION_READ_COMMITTED;
  private static final int REPEATABLE = Connection.TRANSACTION_REPEATABLE_READ;
  private static final int SERIALIZABLE = Connection.TRANSACTION_SERIALIZABLE;

  /** Everything. */
  static final Habits ALL =
      new Habits(
          ProofStore.ENTRYPOINTS,
          List.of(COMMITTED, COMMITTED, REPEATABLE, SERIALIZABLE),
          List.of(Way.values()),
          0.002);

  /** Everything, with so many pauses that what needs one is found soon. */
  static final Habits PAUSING = new Habits(ALL.entrypoints, ALL.levels, ALL.ways, 0.02);

  /** What asks nobody while a lease lasts. */
  Habits onLeases() {
    return new Habits(
        List.of(ProofStore.ONE, ProofStore.TWO, ProofStore.THREE),
        List.of(COMMITTED),
        ways,
        pauses);
  }

  Habits of(String entrypoint) {
    return new Habits(List.of(entrypoint), levels, ways, pauses);
  }

  Habits withoutPauses() {
    return new Habits(entrypoints, levels, ways, 0);
  }

  /** What a standby can do. */
  Habits onStandby() {
    return new Habits(
        entrypoints,
        levels.stream().filter(level -> level != SERIALIZABLE).toList(),
        ways.stream().filter(way -> !way.writes()).toList(),
        pauses);
  }

  Habits inSnapshots() {
    return new Habits(entrypoints, List.of(REPEATABLE), ways, pauses);
  }

  /** The store of the runbook's kind alone, slowly, by these ways. */
  Habits slowly(Way... chosen) {
    return new Habits(
        List.of(ProofStore.OLD),
        List.of(),
        chosen.length == 0 ? List.of(Way.SIMPLE, Way.PREPARED) : List.of(chosen),
        0.3);
  }
}
