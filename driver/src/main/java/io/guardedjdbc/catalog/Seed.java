package io.guardedjdbc.catalog;

import org.jspecify.annotations.Nullable;

/**
 * One reason to take a relation for an entrypoint.
 *
 * @param entrypoint as the source spells it
 * @param store the policy's store; null where there is none
 * @param closure the policy's closure rule; null where there is no policy
 */
record Seed(Source source, String entrypoint, @Nullable String store, @Nullable String closure) {
  /** Where it was read. */
  enum Source {
    POLICY,
    BASELINE,
    /** Weakest: a row for a view on top of another entrypoint means nothing. */
    REGISTRY,
    PROPERTY
  }
}
