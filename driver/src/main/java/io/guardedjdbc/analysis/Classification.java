package io.guardedjdbc.analysis;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the leading words of a statement tell.
 *
 * @param kind what it does
 * @param carried the statement it carries, for EXPLAIN, PREPARE, DECLARE, COPY and CREATE TABLE AS
 *     EXECUTE
 * @param analyzes whether it is an EXPLAIN that runs its statement
 * @param effects what it may change for later statements
 * @param objectName prepared statement or cursor that it names
 * @param definition what it defines or alters
 */
record Classification(
    StatementKind kind,
    @Nullable Carried carried,
    boolean analyzes,
    Set<Effect> effects,
    @Nullable String objectName,
    Definition definition) {

  /**
   * A statement inside another one.
   *
   * @param from index of its first token
   * @param to index after its last token; not above {@code from} where it has no text
   */
  record Carried(StatementKind kind, int from, int to) {}

  Classification {
    effects = Set.copyOf(effects);
  }

  static Classification of(StatementKind kind) {
    return new Classification(kind, null, false, Set.of(), null, Definition.NONE);
  }

  static Classification of(StatementKind kind, Set<Effect> effects) {
    return new Classification(kind, null, false, effects, null, Definition.NONE);
  }

  static Classification defining(StatementKind kind, Definition definition) {
    return new Classification(kind, null, false, Set.of(Effect.DEFINES), null, definition);
  }

  static Classification naming(StatementKind kind, @Nullable String objectName) {
    return new Classification(kind, null, false, Set.of(), objectName, Definition.NONE);
  }

  /** The kind of the statement that it carries. */
  @Nullable StatementKind inner() {
    return carried == null ? null : carried.kind();
  }

  /**
   * This statement, carried by another one between these tokens. What runs a prepared statement
   * does so however deep it is carried.
   */
  Classification carriedBy(
      StatementKind kind, int from, int to, boolean analyzes, @Nullable String objectName) {
    StatementKind inner = inner() == StatementKind.EXECUTE ? StatementKind.EXECUTE : this.kind;
    return new Classification(
        kind,
        new Carried(inner, from, to),
        analyzes,
        effects,
        objectName == null ? this.objectName : objectName,
        definition);
  }
}
