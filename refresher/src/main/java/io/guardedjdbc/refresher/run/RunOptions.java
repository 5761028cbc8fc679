package io.guardedjdbc.refresher.run;

import java.time.Duration;

/**
 * How to run.
 *
 * @param refresh false to certify what is there
 * @param lockTimeout how long to wait for one lock
 * @param attempts how often the transaction is tried before giving up, at least 1
 * @param command as recorded in the history, without secrets
 * @param host as recorded in the history
 */
public record RunOptions(
    boolean refresh, Duration lockTimeout, int attempts, String command, String host) {
  /** The word in {@code audit.run.mode}. */
  String mode() {
    return refresh ? "atomic" : "certify";
  }
}
