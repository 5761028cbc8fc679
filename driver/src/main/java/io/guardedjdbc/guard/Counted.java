package io.guardedjdbc.guard;

import io.guardedjdbc.GuardCountersMXBean;
import io.guardedjdbc.error.GuardRefusal;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts for this JVM. Thread-safe. */
public final class Counted implements GuardCountersMXBean {
  /** The only one: the totals of a JVM outlive servers and connections. */
  public static final Counted INSTANCE = new Counted();

  private final Set<Releases> open = ConcurrentHashMap.newKeySet();
  private final LongAdder releasedBefore = new LongAdder();
  private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
  private final LongAdder observed = new LongAdder();
  private final LongAdder looks = new LongAdder();
  private final LongAdder mapLoads = new LongAdder();
  private final LongAdder reruns = new LongAdder();
  private final LongAdder sideConnections = new LongAdder();

  private Counted() {}

  /** Those of one session: a plain addition, where a shared counter would cost as much again. */
  static final class Releases {
    private long count;

    void add() {
      count++;
    }
  }

  Releases opened() {
    Releases releases = new Releases();
    open.add(releases);
    return releases;
  }

  void closed(Releases releases) {
    if (open.remove(releases)) {
      releasedBefore.add(releases.count);
    }
  }

  /** Counts it if it is a refusal, and gives it back. */
  SQLException refused(SQLException e) {
    if (e instanceof GuardRefusal refusal) {
      refused.computeIfAbsent(refusal.state().sqlState(), state -> new LongAdder()).increment();
    }
    return e;
  }

  void observed() {
    observed.increment();
  }

  void mapLoaded() {
    mapLoads.increment();
  }

  void rerun() {
    reruns.increment();
  }

  void looked() {
    looks.increment();
  }

  void sideConnection() {
    sideConnections.increment();
  }

  @Override
  public long getReleased() {
    long sum = releasedBefore.sum();
    for (Releases releases : open) {
      sum += releases.count;
    }
    return sum;
  }

  @Override
  public Map<String, Long> getRefused() {
    Map<String, Long> sums = new TreeMap<>();
    refused.forEach((state, count) -> sums.put(state, count.sum()));
    return sums;
  }

  @Override
  public long getObserved() {
    return observed.sum();
  }

  @Override
  public long getLooks() {
    return looks.sum();
  }

  @Override
  public long getMapLoads() {
    return mapLoads.sum();
  }

  @Override
  public long getReruns() {
    return reruns.sum();
  }

  @Override
  public long getSideConnections() {
    return sideConnections.sum();
  }
}
