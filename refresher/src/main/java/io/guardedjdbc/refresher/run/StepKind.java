package io.guardedjdbc.refresher.run;

import java.util.Locale;

/** What a step of a run does. */
public enum StepKind {
  /** Refreshes a materialized view. */
  REFRESH,
  /** Runs a SQL step of the store. */
  SQL,
  /** Runs a gate. */
  GATE,
  /** Takes certificates away before a staged refresh. */
  REVOKE,
  /** Lets the leases run out that were granted on them. */
  WAIT,
  /** Writes the certificate and commits. */
  PUBLISH,
  /** Collects statistics of what was refreshed. */
  ANALYZE;

  /** The word in {@code audit.run_step} and in JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
