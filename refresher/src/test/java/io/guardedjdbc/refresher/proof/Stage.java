package io.guardedjdbc.refresher.proof;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What readers and writers share. Thread-safe.
 *
 * @param whole whether nothing is broken: then refusals without a reason are violations, too
 * @param hushed readers read seldom while it is set
 */
record Stage(boolean whole, Calm calm, Tally tally, AtomicBoolean stop, AtomicBoolean hushed) {
  Stage(boolean whole) {
    this(whole, new Calm(), new Tally(), new AtomicBoolean(), new AtomicBoolean());
  }

  boolean over() {
    return stop.get();
  }

  /** Whether a refusal is wrong, as it has been calm since. */
  boolean demandsLiveness(long then) {
    return whole && calm.since(then);
  }

  /** Whether who is refused waits a moment: a refusal costs the machine as much as a read. */
  boolean leavesTheServerToOthers() {
    return whole;
  }
}
