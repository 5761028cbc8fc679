package io.guardedjdbc.refresher.config;

import java.util.List;

/**
 * A table rebuilt between two views by SQL, of which the catalog has no edge.
 *
 * @param name unique in its store
 * @param target the table it writes, {@code schema.name}
 * @param after relations that must be refreshed before it
 * @param before relations that must be refreshed after it
 * @param sql one statement or more; TRUNCATE, DDL and locks that readers wait for make every run
 *     staged, DELETE and INSERT do not
 */
public record SqlStep(
    String name, String target, List<String> after, List<String> before, String sql) {
  /** Copies the lists. */
  public SqlStep {
    after = List.copyOf(after);
    before = List.copyOf(before);
  }
}
