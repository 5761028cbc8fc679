package io.guardedjdbc.refresher.proof;

/** What happens to the stores. */
enum Scene {
  /** A run of any store in any mode, on good or bad input, which may die anywhere. */
  CYCLE(5),
  /** The same in staged mode alone. */
  STAGED(0),
  /** The same in atomic mode alone, on good input. */
  ATOMIC(0),
  /** Somebody refreshes, redefines, or writes to a live table, in a sealed store. */
  SOMEBODY(2),
  /** The same where no seal sees it. */
  UNSEALED(2),
  /** The runbook's own procedure. */
  PROCEDURE(2),
  /** The same twice in a row, with bad rows in between. */
  WINDOW(1),
  /** A longer lease is granted, then a shorter one, then the store is closed. */
  LOWERED_LEASE(1),
  /** Another run takes over from one that was cut off from its lock, and was only paused. */
  TAKEN_OVER(1),
  /** Somebody writes to a live table right before the publishing of what the gates saw. */
  PUBLISHED_OVER(1),
  /** The store is closed, and certified anew by a run that nobody has to wait for. */
  REOPENED(1),
  /** Nothing is certified for longer than a certificate lasts. */
  AGED(0),
  /** The registry is locked, emptied, gone, or nobody's to read for a while. */
  REGISTRY(2),
  /** Sessions are ended, the driver's own too. */
  TERMINATED(1),
  /** The server is stopped, by order or at once, and started, while a run is at work. */
  RESTARTED(1),
  /** Answers come late, or never, acknowledged commits among them. */
  WIRE(2),
  /** The standby shows a revocation and the rows after it in one burst. */
  BURST(2),
  /** The standby lags behind while the primary refreshes. */
  LAG(1);

  private final int weight;

  Scene(int weight) {
    this.weight = weight;
  }

  /** How often it comes where nothing is broken. */
  int weight() {
    return weight;
  }
}
