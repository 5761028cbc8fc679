package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.refresher.proof.History.Entry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Judges every read of one server by the history of what was certified. A read is judged on the
 * history as it was found after the read had ended, and is forgotten then.
 */
final class Oracle {
  private final History history;
  private final Tally tally;
  private final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

  /** Generations that somebody put where no seal sees it, with the last certificate before. */
  private final Map<String, Long> unsealed = new ConcurrentHashMap<>();

  private final AtomicLong judged = new AtomicLong();

  Oracle(ProofStore store, Tally tally) {
    this.history = new History(store);
    this.tally = tally;
  }

  void released(Read read) {
    reads.add(read);
  }

  void violation(String what) {
    violations.add(what);
  }

  /**
   * Somebody is about to change the store that nobody sealed: his rows are nobody's fault until the
   * next certification, and not a moment longer.
   *
   * @param generation negative, of his rows alone
   * @param after the last certificate before
   */
  void unsealed(long generation, long after) {
    unsealed.put(Long.toString(generation), after);
  }

  long judged() {
    return judged.get();
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  /** Reads the history on, then judges what had been read before. */
  synchronized void judge() throws SQLException {
    List<Read> ended = new ArrayList<>();
    for (Read read = reads.poll(); read != null; read = reads.poll()) {
      ended.add(read);
    }
    try {
      long waiting = history.readOn();
      if (waiting > 0) {
        tally.add(Tally.Of.SEEN, "readers waiting for a refresh's lock", waiting);
      }
    } catch (SQLException e) {
      reads.addAll(ended);
      throw e;
    }
    for (Read read : ended) {
      judged.incrementAndGet();
      tally.add(Tally.Of.WAY, read.way().name());
      tally.add(Tally.Of.LEVEL, read.level());
      tally.add(Tally.Of.READER, read.reader().name());
      String broken = broken(read);
      if (broken != null) {
        violations.add(broken + ": " + read);
      }
    }
  }

  synchronized void close() {
    history.close();
  }

  private @Nullable String broken(Read read) {
    if (!read.good()) {
      return "G1: rows that a gate would not let pass";
    }
    if (read.states().size() != 1) {
      return "G1: rows of several states in one statement";
    }
    if (read.rows() != ProofStore.ROWS) {
      return "G1: " + read.rows() + " rows of " + ProofStore.ROWS;
    }
    Set<String> missing = new TreeSet<>(read.entrypoints());
    for (String covered : read.lineage().certificates()) {
      Covered by = Covered.of(covered);
      if (by == null) {
        return "G4: a lineage that nobody can read, " + covered;
      }
      // A string of several statements names the certificates of all of them.
      if (read.entrypoints().contains(by.entrypoint())) {
        missing.remove(by.entrypoint());
        String broken = broken(read, by);
        if (broken != null) {
          return broken;
        }
      }
    }
    return missing.isEmpty() ? null : "G4: no certificate is named for " + missing;
  }

  /** {@code proof.one_v=41..43}. */
  private record Covered(String entrypoint, long first, long last, String text) {
    static @Nullable Covered of(String text) {
      int equals = text.lastIndexOf('=');
      String[] ends = text.substring(equals + 1).split("\\.\\.", -1);
      if (equals < 0 || ends.length > 2 || !ends[0].matches("\\d+")) {
        return null;
      }
      return new Covered(
          text.substring(0, equals),
          Long.parseLong(ends[0]),
          Long.parseLong(ends[ends.length - 1]),
          text);
    }
  }

  private @Nullable String broken(Read read, Covered by) {
    String state = read.states().iterator().next();
    if (read.pin() != null && !(by.first() == by.last() && read.pin().equals("" + by.last()))) {
      return "pin: covered by " + by.text() + ", pinned to " + read.pin();
    }
    if (read.inOneSnapshot().stream().filter(seen -> !exempt(read, by, seen)).count() > 1) {
      return "G1: several states in one snapshot " + read.inOneSnapshot();
    }
    Entry first = history.certificate(by.entrypoint(), by.first());
    Entry last = history.certificate(by.entrypoint(), by.last());
    if (first == null || last == null) {
      return "G4: no such certificate, " + by.text();
    }
    if (last.chain() > by.first()) {
      return "G4: certificates of two chains, " + by.text();
    }
    boolean leased = read.lineage().leased();
    Entry end = history.endOf(by.entrypoint(), by.last());
    long grace = leased ? last.leaseNanos() : 0;
    if (end != null && read.beganNanos() - end.knownNanos() > grace) {
      return "G2: sent "
          + (read.beganNanos() - end.knownNanos()) / 1_000_000
          + " ms after the end of "
          + by.last();
    }
    List<Entry> named = covering(read, by, state);
    if (named.isEmpty()) {
      if (leased && end != null && isOfSomebodyElse(state)) {
        return null; // What was changed in a sealed store, within one lease of it.
      }
      if (exempt(read, by, state)) {
        tally.add(Tally.Of.SEEN, "rows of somebody's in the unsealed store, exempt");
        return null;
      }
      return history.everCertified(by.entrypoint(), state)
          ? "G1: certified, but not covered by " + by.text()
          : "G1: never certified for " + by.entrypoint();
    }
    boolean aged =
        named.stream()
            .allMatch(entry -> read.beganMillis() > entry.certifiedMillis() + entry.maxAgeMillis());
    return aged ? "G1: too old" : null;
  }

  /**
   * The certificates of this state that may cover the read: those named, and under a lease those
   * published on top of them since. A kept snapshot has seen the first that is named.
   */
  private List<Entry> covering(Read read, Covered by, String state) {
    long last =
        read.keptSnapshot() ? by.first() : read.lineage().leased() ? Long.MAX_VALUE : by.last();
    List<Entry> covering = new ArrayList<>();
    for (Entry entry : history.from(by.entrypoint(), by.first())) {
      if (!entry.certified() || entry.chain() > by.first() || entry.id() > last) {
        break; // What comes after the chain's end is covered by nothing that is named.
      }
      if (state.equals(entry.state())) {
        covering.add(entry);
      }
    }
    return covering;
  }

  /**
   * Whether a state is somebody's of the unsealed store, and may have been read before the next
   * certification: covered by a certificate that stood when he came, and viewed before another one
   * was there.
   */
  private boolean exempt(Read read, Covered by, String state) {
    if (!by.entrypoint().equals(ProofStore.FOUR)) {
      return false;
    }
    boolean somebodys = false;
    for (String generation : state.split(":", -1)) {
      Long after = unsealed.get(generation);
      if (after != null && by.first() <= after) {
        Entry next = history.certifiedAfter(by.entrypoint(), after);
        somebodys |= next == null || read.viewedNanos() <= next.knownNanos();
      }
    }
    return somebodys;
  }

  /** Somebody who is no refresher gives negative generations. */
  private static boolean isOfSomebodyElse(String state) {
    return state.startsWith("-") || state.contains(":-");
  }
}
