package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.LockHolders;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Closes entrypoints to readers: writes FAILED with the gate named, or REVOKED. */
final class Closing {
  static final List<String> REGISTRY = List.of("audit.t0_cert_registry");

  @FunctionalInterface
  private interface Write {
    void run() throws SQLException;
  }

  private final RunSessions sessions;
  private final Journal journal;
  private final int attempts;
  private final List<String> closed = new ArrayList<>();

  /**
   * For one run.
   *
   * @param attempts how often to wait for the row's lock
   */
  Closing(RunSessions sessions, Journal journal, int attempts) {
    this.sessions = sessions;
    this.journal = journal;
    this.attempts = attempts;
  }

  /** The entrypoints closed so far. */
  List<String> closed() {
    return closed;
  }

  /** Closes it, because these gates failed; rolls back what is open first. */
  void close(ActedFor acted, List<GateResult> results) throws SQLException {
    close(acted, () -> write(acted, results));
  }

  /** Closes it, because a store that it reads has no certificate. */
  void close(ActedFor acted, String complaint) throws SQLException {
    close(acted, () -> write(acted, complaint));
  }

  private void close(ActedFor acted, Write write) throws SQLException {
    sessions.work().rollback();
    for (int attempt = 1; ; attempt++) {
      try {
        write.run();
        break;
      } catch (SQLException e) {
        if (!SqlFailures.isRetryable(e)) {
          throw e;
        }
        String who = LockHolders.aside(new LockHolders(sessions.history()).of(REGISTRY));
        if (attempt >= attempts) {
          throw new Failure(
              ExitCode.COULD_NOT_CHECK,
              acted.entrypoint()
                  + " must be closed to readers and is not yet: its registry row is locked"
                  + who
                  + ". End that session, then run this again",
              e);
        }
        journal.note("the registry row of " + acted.entrypoint() + " is locked" + who);
      }
    }
    closed(acted);
  }

  /** Writes FAILED, in the open transaction if there is one. */
  void write(ActedFor acted, List<GateResult> results) throws SQLException {
    List<String> gates = GateRound.failed(results);
    sessions
        .work()
        .run(
            "SELECT audit.revoke(?, ?, 'FAILED', ?, ?)",
            journal.runId(),
            acted.entrypoint(),
            gates.get(0),
            "refresher run " + journal.runId() + ": " + String.join(", ", gates) + " failed");
  }

  /** Writes REVOKED, in the open transaction if there is one. */
  void write(ActedFor acted, String complaint) throws SQLException {
    sessions
        .work()
        .run(
            "SELECT audit.revoke(?, ?, 'REVOKED', NULL, ?)",
            journal.runId(),
            acted.entrypoint(),
            complaint);
  }

  /** Counts it among those closed: FAILED is committed. */
  void closed(ActedFor acted) {
    if (!closed.contains(acted.entrypoint())) {
      closed.add(acted.entrypoint());
    }
  }

  /**
   * Looks at the definitions once more, as they are now, because functions have no locks; rolls
   * back and closes what changed.
   *
   * @return whether anything did
   */
  boolean closeChanged(List<ActedFor> targets, GateRound gates) throws SQLException {
    boolean changed = false;
    for (ActedFor acted : targets) {
      List<GateResult> failed = gates.again(sessions.history(), acted.store(), GateKind.DEFINITION);
      if (!failed.isEmpty()) {
        close(acted, failed);
        changed = true;
      }
    }
    return changed;
  }
}
