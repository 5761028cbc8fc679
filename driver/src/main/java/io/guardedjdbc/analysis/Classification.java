package io.guardedjdbc.analysis;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the leading words of a statement tell.
 *
 * @param kind what it does
 * @param inner kind of the statement it carries, for EXPLAIN, PREPARE, DECLARE, COPY and CREATE
 *     TABLE AS EXECUTE
 * @param analyzes whether it is an EXPLAIN that runs its statement
 * @param effects what it may change for later statements
 * @param objectName prepared statement or cursor that it names
 * @param definition what it defines or alters
 */
record Classification(
    StatementKind kind,
    @Nullable StatementKind inner,
    boolean analyzes,
    Set<Effect> effects,
    @Nullable String objectName,
    Definition definition) {

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

  /** This kind, carrying another statement. */
  static Classification carrying(
      StatementKind kind, Classification inner, boolean analyzes, @Nullable String objectName) {
    return new Classification(
        kind,
        inner.kind(),
        analyzes,
        inner.effects(),
        objectName == null ? inner.objectName() : objectName,
        inner.definition());
  }
}
