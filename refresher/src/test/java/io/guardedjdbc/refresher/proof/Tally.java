package io.guardedjdbc.refresher.proof;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what was done and seen, so that a report shows that nothing was idle. Thread-safe. */
final class Tally {
  /** What is counted, each by its own names. */
  enum Of {
    WAY("by way"),
    LEVEL("by isolation"),
    READER("by reader"),
    REFUSED("refused by"),
    ERROR("other errors"),
    SCENE("faults and scenes"),
    RUN("runs ended"),
    SEEN("seen");

    private final String title;

    Of(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  private final Map<Of, Map<String, LongAdder>> counts = new ConcurrentHashMap<>();

  void add(Of of, String name) {
    add(of, name, 1);
  }

  void add(Of of, String name, long more) {
    counts
        .computeIfAbsent(of, any -> new ConcurrentHashMap<>())
        .computeIfAbsent(name, any -> new LongAdder())
        .add(more);
  }

  /** The counts by name. */
  Map<String, Long> of(Of of) {
    Map<String, Long> sums = new TreeMap<>();
    counts.getOrDefault(of, Map.of()).forEach((name, sum) -> sums.put(name, sum.sum()));
    return sums;
  }

  long sum(Of of) {
    return of(of).values().stream().mapToLong(Long::longValue).sum();
  }
}
