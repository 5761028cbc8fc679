package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Look;
import java.util.Locale;

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
    String level = isolation.toLowerCase(Locale.ROOT);
    return level.equals("read committed") || level.equals("read uncommitted");
  }
}
