package io.guardedjdbc.catalog;

/** What a relation is to the guard; where several hold, the first one here. */
public enum RelationClass {
  /** Named by a policy, baseline rows, the registry or a property. */
  ENTRYPOINT,
  /** A plain view on top of an entrypoint, exactly as certified as that. */
  ALIAS,
  /** Refused by policy or property. */
  REFUSED,
  /** A view or materialized view under an entrypoint. */
  CLOSURE,
  /** A materialized view on top of an entrypoint, itself neither entrypoint nor in a closure. */
  COPY
}
