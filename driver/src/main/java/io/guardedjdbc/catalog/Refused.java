package io.guardedjdbc.catalog;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * One relation or function that a statement touches and that no certificate opens.
 *
 * @param object what was touched, as {@code schema.name} in PostgreSQL's quoting
 * @param entrypoints the entrypoints to read instead (closure), or that it stands on (copy)
 * @param reason why, for people: a phrase without a full stop; never empty
 */
public record Refused(Kind kind, String object, Set<String> entrypoints, String reason) {
  /** Why it is refused. */
  public enum Kind {
    /** Inside a closure whose rule is deny (RG201): read the entrypoint. */
    CLOSURE,
    /** Refused by policy or property (RG202). */
    POLICY,
    /** A materialized view on top of an entrypoint: its rows have no certificate (RG202). */
    COPY,
    /** An IMMUTABLE function over something guarded: plans keep its result (RG202). */
    IMMUTABLE_FUNCTION,
    /** A view on top of an entrypoint that the policy's list of aliases leaves out (RG202). */
    NOT_AN_ALIAS
  }

  /** Copies the set, sorted. */
  public Refused {
    entrypoints = Collections.unmodifiableSet(new TreeSet<>(entrypoints));
  }
}
