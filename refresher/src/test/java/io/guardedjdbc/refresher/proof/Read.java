package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.Lineage;
import java.util.Set;

/**
 * What one statement gave to a reader.
 *
 * @param states which generations its rows are of
 * @param good whether all its rows are
 * @param lineage what covered them; {@link Lineage#NONE} where nobody can ask for it
 * @param beganNanos by the machine's own clock, before it was sent
 * @param beganMillis the same by its wall clock
 * @param inOneSnapshot all states that this transaction has seen of the entrypoint, where it keeps
 *     its snapshot
 */
record Read(
    String entrypoint,
    String way,
    Set<String> states,
    int rows,
    boolean good,
    Lineage lineage,
    long beganNanos,
    long beganMillis,
    Set<String> inOneSnapshot) {}
