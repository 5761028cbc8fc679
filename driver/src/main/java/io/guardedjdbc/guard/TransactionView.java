package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Look;

/**
 * What one transaction of the application sees, read once before its first guarded statement.
 *
 * @param isolation its level as the server names it
 * @param registry the registry as its snapshot sees it
 */
record TransactionView(String isolation, Look registry) {
  /**
   * Whether every statement takes a snapshot of its own, after it was sent. A level that we don't
   * know counts as one that keeps its snapshot.
   */
  boolean snapshotPerStatement() {
    return isolation.equalsIgnoreCase("read committed")
        || isolation.equalsIgnoreCase("read uncommitted");
  }
}
