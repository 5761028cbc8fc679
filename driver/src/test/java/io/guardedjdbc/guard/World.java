package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One state of a small world: a server with one guarded store, a writer, and readers with one clock
 * between them. Immutable; equal states are one state. Time is counted in ticks.
 *
 * @param time the true time, which is the server's too
 * @param lag ticks that the readers' monotonic clock has missed
 * @param jump ticks by which their wall clock is wrong
 * @param commits what the server has committed, in order
 * @param replayed how many of these the readers' server shows
 * @param writer what the writer is at
 * @param last the look that the readers share; null: none yet
 * @param readers what each reader was told so far
 */
record World(
    int time,
    int lag,
    int jump,
    List<Commit> commits,
    int replayed,
    Writer writer,
    @Nullable Seen last,
    List<Reader> readers) {
  static final String STORE = "ml.store_v";
  static final Duration TICK = Duration.ofMillis(400);
  private static final ServerIdentity PRIMARY =
      new ServerIdentity("7", "1", "127.0.0.1", "5432", false, "ml");
  private static final ServerIdentity STANDBY =
      new ServerIdentity("7", "1", "127.0.0.1", "5433", true, "ml");
  private static final Instant BEGIN = Instant.parse("2026-11-22T12:00:00Z");

  /**
   * What one commit left: the registry's row, and the data.
   *
   * @param time when somebody else revoked; 0 for all other commits
   * @param id of the certificate
   * @param chain first certificate of its chain
   * @param certifiedAt true time before its data were read
   * @param lease in ticks
   * @param generation of the data
   * @param covers the generation that the gates saw; -1: the row certifies nothing
   * @param frozen whether older snapshots see these data, too
   */
  record Commit(
      int time,
      String status,
      int id,
      int chain,
      int certifiedAt,
      int lease,
      int generation,
      int covers,
      boolean frozen) {
    boolean certified() {
      return status.equals("CERTIFIED");
    }

    Commit with(int otherChain, int otherTime, int otherLease) {
      return new Commit(
          time, status, id, otherChain, otherTime, otherLease, generation, covers, frozen);
    }

    Look look(Stamp sent, int serverTime, boolean standby, int maxAge) {
      Certificate certificate =
          new Certificate(
              STORE,
              status,
              Integer.toString(id),
              id,
              chain,
              instant(certifiedAt),
              null,
              TICK.multipliedBy(maxAge),
              null,
              TICK.multipliedBy(lease),
              null,
              null,
              null);
      return new Look(sent, instant(serverTime), server(standby), Map.of(STORE, certificate));
    }
  }

  /** The readers' clocks at one moment, and the true time. */
  record Moment(int time, int monotonic, int wall) {
    Stamp stamp() {
      return new Stamp(monotonic * TICK.toNanos(), wall * TICK.toMillis());
    }
  }

  /**
   * A look: when it was sent, and which commit the server had reached when it read the row.
   *
   * @param serverTime the true time of the reading
   */
  record Seen(Moment sent, Commit commit, int serverTime, boolean standby) {}

  /**
   * What the writer is at.
   *
   * @param row the certificate that it started from, or wrote
   * @param since when it began, or revoked
   * @param until when leases are over
   * @param left how much more it may begin
   */
  record Writer(Phase phase, int row, int since, int until, int left) {
    Writer idle() {
      return new Writer(Phase.IDLE, 0, 0, 0, left);
    }
  }

  /** Where a run stands. */
  enum Phase {
    IDLE,
    ATOMIC,
    WAITING,
    REFRESHED
  }

  /**
   * A reader: what the real code was told so far decides what it does next.
   *
   * @param told number of these answers; -1: it has nothing more to do
   * @param sending when the look under way was sent; null: none is
   * @param paused it does not go on before something happens that makes a difference to it
   */
  record Reader(int told, @Nullable Moment sending, boolean paused) {
    static final Reader FRESH = new Reader(0, null, false);
    static final Reader DONE = new Reader(-1, null, true);
  }

  Moment now() {
    return new Moment(time, time - lag, time + jump);
  }

  Commit current() {
    return commits.get(commits.size() - 1);
  }

  /** The last commit that readers can see. */
  Commit shown() {
    return commits.get(replayed - 1);
  }

  /** The generation that a scan of now gives to a snapshot of then. */
  int scanned(int snapshot) {
    int generation = commits.get(snapshot - 1).generation();
    for (Commit commit : commits.subList(snapshot, replayed)) {
      generation = commit.frozen() ? commit.generation() : generation;
    }
    return generation;
  }

  World with(Writer next) {
    return new World(time, lag, jump, commits, replayed, next, last, readers);
  }

  World with(int index, Reader reader) {
    List<Reader> all = new ArrayList<>(readers);
    all.set(index, reader);
    return new World(time, lag, jump, commits, replayed, writer, last, List.copyOf(all));
  }

  World looked(Seen seen) {
    return new World(time, lag, jump, commits, replayed, writer, seen, readers);
  }

  World replayed(int shown) {
    return new World(time, lag, jump, commits, shown, writer, last, readers);
  }

  World clocks(int nextTime, int nextLag, int nextJump) {
    return new World(nextTime, nextLag, nextJump, commits, replayed, writer, last, readers);
  }

  /** One commit more, shown at once where {@code standby} is false. */
  World committed(Commit commit, Writer next, boolean standby) {
    List<Commit> more = new ArrayList<>(commits);
    more.add(commit);
    return new World(
        time, lag, jump, List.copyOf(more), standby ? replayed : more.size(), next, last, readers);
  }

  private static Instant instant(int tick) {
    return BEGIN.plus(TICK.multipliedBy(tick));
  }

  static ServerIdentity server(boolean standby) {
    return standby ? STANDBY : PRIMARY;
  }
}
