package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.Lineage;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one statement, or one part of a string of several, gave to a reader.
 *
 * @param reader of which kind
 * @param level of isolation
 * @param states which generations its rows are of
 * @param good whether all its rows are
 * @param lineage what covered them
 * @param pin the only certificate that may cover them; null: any
 * @param beganNanos by the machine's own clock, before it was sent
 * @param beganMillis the same by its wall clock
 * @param keptSnapshot whether its transaction keeps one snapshot
 * @param viewedNanos when its snapshot may have been taken at the earliest
 * @param inOneSnapshot all states that this transaction has seen of the entrypoint, where it keeps
 *     its snapshot
 */
record Read(
    String entrypoint,
    Way way,
    Reader.Kind reader,
    String level,
    Set<String> states,
    int rows,
    boolean good,
    Lineage lineage,
    @Nullable String pin,
    long beganNanos,
    long beganMillis,
    boolean keptSnapshot,
    long viewedNanos,
    Set<String> inOneSnapshot) {

  /** Whose certificates its lineage names for it: a store that stands on another needs both. */
  Set<String> entrypoints() {
    return entrypoint.equals(ProofStore.THREE)
        ? Set.of(ProofStore.ONE, ProofStore.THREE)
        : Set.of(entrypoint);
  }
}
