package io.guardedjdbc.guard;

import io.guardedjdbc.guard.World.Commit;
import io.guardedjdbc.guard.World.Phase;
import io.guardedjdbc.guard.World.Reader;
import io.guardedjdbc.guard.World.Seen;
import io.guardedjdbc.guard.World.Writer;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Stamp;
import java.util.List;

/**
 * How large a world is, what may happen in it, and which protection is broken there.
 *
 * @param horizon the last tick
 * @param begun how much the writers may begin
 * @param maxAge of certificates, in ticks
 * @param leases that a publish may grant, in ticks; the first stands at the beginning
 * @param standby whether the readers' server replays what another one commits
 * @param runs whether there are runs of the refresher
 * @param procedures whether there are old procedures
 * @param clockFaults whether one clock of the readers may stop or jump, once
 * @param programs what each reader does
 * @param mutant what is broken
 */
record Setting(
    int horizon,
    int begun,
    int maxAge,
    List<Integer> leases,
    boolean standby,
    boolean runs,
    boolean procedures,
    boolean clockFaults,
    List<Program> programs,
    Mutant mutant) {
  /**
   * What a reader does: one statement or more, each for itself or in one transaction.
   *
   * @param snapshot whether the transaction keeps its snapshot, taken by something unguarded before
   */
  record Program(Validation validation, int statements, boolean transaction, boolean snapshot) {}

  /** A protection that is broken. */
  enum Mutant {
    NONE,
    /** The release takes the look that it has, however old. */
    SECOND_LOOK,
    /** A look that was sent before the result arrived will do, too. */
    SENT_TOO_EARLY,
    /** The certificate's age is not measured. */
    AGE,
    /** Of the readers' clocks the monotonic one alone counts. */
    WALL_CLOCK,
    /** Of the readers' clocks the wall clock alone counts. */
    MONOTONIC_CLOCK,
    /** Any later certificate counts as going on from an earlier one. */
    CHAIN,
    /** Every transaction passes for one that takes a snapshot each statement. */
    SNAPSHOT_ROW,
    /** A standby passes for a primary. */
    STANDBY,
    /** A lease is taken where the row grants none. */
    LEASE_UNGRANTED,
    /** The writer revokes and refreshes at once. */
    LEASE_WAIT,
    /** An atomic run publishes over a row that certifies nothing while leases on it are out. */
    ATOMIC_WAIT,
    /** The writer waits for the lease that the row grants now, not for longer ones that are out. */
    LOWERED_LEASE,
    /** The writer goes on whatever the row says by now. */
    COMPARE_AND_SET
  }

  Setting broken(Mutant what) {
    return with(leases, standby, procedures, clockFaults, what);
  }

  Setting withClockFaults() {
    return with(leases, standby, procedures, true, mutant);
  }

  Setting onStandby() {
    return with(leases, true, procedures, clockFaults, mutant);
  }

  Setting withProcedures() {
    return with(leases, standby, true, clockFaults, mutant);
  }

  /** Later publishes may grant this lease, too. */
  Setting lowering(int lease) {
    return with(List.of(lease(), lease), standby, procedures, clockFaults, mutant);
  }

  /** Certificates last only so long. */
  Setting ageing(int age) {
    return new Setting(
        horizon, begun, age, leases, standby, runs, procedures, clockFaults, programs, mutant);
  }

  private Setting with(
      List<Integer> granted, boolean replays, boolean old, boolean faults, Mutant what) {
    return new Setting(horizon, begun, maxAge, granted, replays, runs, old, faults, programs, what);
  }

  World begin() {
    Commit first = new Commit(0, "CERTIFIED", 1, 1, 0, lease(), 1, 1, false);
    return new World(
        0,
        0,
        0,
        List.of(first),
        1,
        new Writer(Phase.IDLE, 0, 0, 0, begun),
        null,
        programs.stream().map(program -> Reader.FRESH).toList());
  }

  int lease() {
    return leases.get(0);
  }

  /** Where nothing can age out, worlds that differ only in when it was certified are one. */
  int forAges(int time) {
    return maxAge <= horizon ? time : 0;
  }

  boolean compares() {
    return mutant != Mutant.COMPARE_AND_SET;
  }

  /** Before when an atomic run may not publish: readers may be on what was revoked. */
  int untilPublish(World world) {
    boolean waits = !world.current().certified() && mutant != Mutant.ATOMIC_WAIT;
    return waits ? world.time() + leaseWait(world) : 0;
  }

  /** A quarter longer than the longest lease that is out, and a bit. */
  int leaseWait(World world) {
    int longest = world.current().lease();
    if (mutant != Mutant.LOWERED_LEASE) {
      for (Commit commit : world.commits()) {
        longest = Math.max(longest, commit.lease());
      }
    }
    return mutant == Mutant.LEASE_WAIT ? 0 : longest + (longest + 3) / 4;
  }

  /** What the readers' code is told of a look. */
  Look told(Seen seen, Stamp sent) {
    Commit row = seen.commit();
    Commit told =
        switch (mutant) {
          case CHAIN -> row.with(1, row.certifiedAt(), row.lease());
          case LEASE_UNGRANTED ->
              row.with(row.chain(), row.certifiedAt(), Math.max(2, row.lease()));
          default -> row;
        };
    boolean standby = seen.standby() && mutant != Mutant.STANDBY;
    int age = mutant == Mutant.AGE ? 10 * horizon + 10 : maxAge;
    return told.look(sent, seen.serverTime(), standby, age);
  }
}
