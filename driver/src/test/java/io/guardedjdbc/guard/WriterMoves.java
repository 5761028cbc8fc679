package io.guardedjdbc.guard;

import io.guardedjdbc.guard.World.Commit;
import io.guardedjdbc.guard.World.Phase;
import io.guardedjdbc.guard.World.Writer;
import java.util.ArrayList;
import java.util.List;

/** All that a writer may do next: runs of each mode that may die anywhere, and other people. */
final class WriterMoves {
  private final Setting setting;

  WriterMoves(Setting setting) {
    this.setting = setting;
  }

  /** What the world becomes by each thing that the writer, or somebody else, may do. */
  List<Move> of(World world) {
    List<Move> moves = new ArrayList<>();
    Writer writer = world.writer();
    switch (writer.phase()) {
      case IDLE -> begin(world, moves);
      case ATOMIC -> publish(world, moves);
      case WAITING -> refresh(world, moves);
      case REFRESHED -> verdict(world, moves);
    }
    if (writer.phase() == Phase.WAITING || writer.phase() == Phase.REFRESHED) {
      moves.add(new Move("run dies", world.with(writer.idle())));
    }
    if (writer.left() > 0) {
      others(world, moves);
    }
    return moves;
  }

  private void begin(World world, List<Move> moves) {
    Writer writer = world.writer();
    Commit row = world.current();
    if (writer.left() == 0) {
      return;
    }
    int left = writer.left() - 1;
    if (setting.runs()) {
      int until = setting.untilPublish(world);
      moves.add(
          new Move(
              "atomic run begins",
              world.with(
                  new Writer(Phase.ATOMIC, row.id(), setting.forAges(world.time()), until, left))));
      int wait = setting.leaseWait(world);
      Commit closed = commit(world, "REFRESHING", row.lease(), row.generation(), -1, false, 0);
      moves.add(
          new Move(
              "staged run revokes, waits " + wait,
              committed(
                  world,
                  closed,
                  new Writer(Phase.WAITING, closed.id(), 0, world.time() + wait, left))));
    }
  }

  private void publish(World world, List<Move> moves) {
    Writer writer = world.writer();
    Commit row = world.current();
    if (row.id() != writer.row() && setting.compares()) {
      moves.add(new Move("atomic run is overtaken", world.with(writer.idle())));
      return;
    }
    if (world.time() < writer.until()) {
      return;
    }
    for (int lease : setting.leases()) {
      Commit base =
          commit(world, "CERTIFIED", lease, generation(world), generation(world), false, 0);
      int chain = row.certified() ? row.chain() : base.id();
      Commit published = certifiedAt(base, writer.since(), chain);
      moves.add(
          new Move(
              "atomic run publishes " + published.id() + ", lease " + lease,
              committed(world, published, writer.idle())));
    }
  }

  private void refresh(World world, List<Move> moves) {
    Writer writer = world.writer();
    if (world.time() < writer.until()) {
      return;
    }
    Commit row = world.current();
    if (row.id() != writer.row() && setting.compares()) {
      moves.add(new Move("staged run is overtaken", world.with(writer.idle())));
      return;
    }
    // The same row, other data: no certificate speaks of them yet.
    Commit data =
        new Commit(
            0,
            row.status(),
            row.id(),
            row.chain(),
            row.certifiedAt(),
            row.lease(),
            generation(world),
            -1,
            true);
    moves.add(
        new Move(
            "staged run refreshes",
            committed(
                world,
                data,
                new Writer(
                    Phase.REFRESHED,
                    writer.row(),
                    setting.forAges(world.time()),
                    0,
                    writer.left()))));
  }

  private void verdict(World world, List<Move> moves) {
    Writer writer = world.writer();
    Commit row = world.current();
    if (row.id() != writer.row() && setting.compares()) {
      moves.add(new Move("staged run is overtaken", world.with(writer.idle())));
      return;
    }
    int seen = generationSeen(world);
    Commit certified =
        commit(world, "CERTIFIED", setting.lease(), row.generation(), seen, false, 0);
    moves.add(
        new Move(
            "staged run certifies " + certified.id(),
            committed(
                world, certifiedAt(certified, writer.since(), certified.id()), writer.idle())));
    moves.add(
        new Move(
            "staged run fails its gates",
            committed(
                world,
                commit(world, "FAILED", row.lease(), row.generation(), -1, false, 0),
                writer.idle())));
  }

  /** The generation of this run's own refresh, which is what its gates looked at. */
  private static int generationSeen(World world) {
    int seen = -1;
    for (Commit commit : world.commits()) {
      seen = commit.id() == world.writer().row() && commit.frozen() ? commit.generation() : seen;
    }
    return seen;
  }

  private void others(World world, List<Move> moves) {
    Writer writer = world.writer();
    Writer after =
        new Writer(writer.phase(), writer.row(), writer.since(), writer.until(), writer.left() - 1);
    int next = generation(world);
    if (setting.procedures()) {
      moves.add(
          new Move(
              "old procedure refreshes and certifies in one commit",
              committed(
                  world,
                  commit(world, "CERTIFIED", 0, next, next, true, setting.forAges(world.time())),
                  after)));
    }
    moves.add(
        new Move(
            "somebody refreshes what is sealed",
            committed(world, commit(world, "REVOKED", 0, next, -1, true, 0), after)));
  }

  private static int generation(World world) {
    int highest = 0;
    for (Commit commit : world.commits()) {
      highest = Math.max(highest, commit.generation());
    }
    return highest + 1;
  }

  /** A change of the row: a new certificate, of a chain of its own. */
  private static Commit commit(
      World world, String status, int lease, int generation, int covers, boolean frozen, int at) {
    int id = world.current().id() + 1;
    return new Commit(
        status.equals("REVOKED") ? world.time() : 0,
        status,
        id,
        id,
        at > 0 ? at : world.current().certifiedAt(),
        lease,
        generation,
        covers,
        frozen);
  }

  private static Commit certifiedAt(Commit commit, int at, int chain) {
    return new Commit(
        commit.time(),
        commit.status(),
        commit.id(),
        chain,
        at,
        commit.lease(),
        commit.generation(),
        commit.covers(),
        commit.frozen());
  }

  private World committed(World world, Commit commit, Writer next) {
    return world.committed(commit, next, setting.standby());
  }
}
