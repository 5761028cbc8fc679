package io.guardedjdbc.refresher.proof;

import java.util.concurrent.atomic.AtomicLong;

/** Times in which everything is certified and nothing goes wrong. Thread-safe. */
final class Calm {
  private final AtomicLong turns = new AtomicLong();

  void begins() {
    turns.incrementAndGet();
  }

  void ends() {
    turns.incrementAndGet();
  }

  /** A number of this calm time; even: it is not calm. */
  long now() {
    return turns.get();
  }

  /** Whether it was calm all the time since. */
  boolean since(long then) {
    return then % 2 == 1 && turns.get() == then;
  }
}
