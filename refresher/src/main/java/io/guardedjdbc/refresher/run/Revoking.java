package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.VoidedCertificate;
import io.guardedjdbc.refresher.text.DurationText;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * The first half of a staged run: one commit that takes every certificate away whose rows will
 * change, then the wait for the leases that were granted on them.
 */
final class Revoking {
  /**
   * What is revoked.
   *
   * @param acted those that get a verdict in the end, with the rows that now stand for them
   * @param fence around these, and around what was closed before
   */
  record Revoked(List<ActedFor> acted, Fence fence) {}

  private final RunWork run;

  Revoking(RunWork run) {
    this.run = run;
  }

  /**
   * Revokes and waits.
   *
   * @param passing what the run acts for; all other targets are closed already and are left so
   */
  Revoked revoke(List<ActedFor> passing) throws SQLException {
    String main = run.plan().policy().entrypoint();
    List<ActedFor> rows = new ArrayList<>();
    run.journal()
        .step(
            StepKind.REVOKE,
            main,
            () -> {
              rows.addAll(committed(() -> transaction(passing)));
              return new StepFacts(OptionalLong.empty(), "REFRESHING");
            });
    Stamp confirmed = run.leases().now();
    Duration wait = LeaseWait.after(longestLease(rows));
    run.journal()
        .step(
            StepKind.WAIT,
            main,
            () -> {
              run.leases().await(confirmed, wait);
              return new StepFacts(
                  OptionalLong.empty(), DurationText.readable(wait) + " for leases");
            });
    List<String> acted = passing.stream().map(ActedFor::entrypoint).toList();
    return new Revoked(
        rows.stream().filter(row -> acted.contains(row.entrypoint())).toList(), new Fence(rows));
  }

  /**
   * Makes the row of every store among these whose refresh ended too early a row of this run, in a
   * commit of its own: what is left of that refresh does no more.
   */
  List<ActedFor> takeOver(List<ActedFor> targets) throws SQLException {
    if (targets.stream().noneMatch(acted -> acted.row().refreshing())) {
      return targets;
    }
    return committed(
        () -> {
          begin(targets.stream().filter(acted -> acted.row().refreshing()).toList());
          List<ActedFor> rows = new ArrayList<>();
          for (ActedFor acted : inOrder(targets)) {
            rows.add(acted.row().refreshing() ? acted.with(revoked(acted)) : acted);
          }
          run.work().commit();
          return rows;
        });
  }

  /** Takes away, in the open transaction, every certificate that nobody here can give again. */
  List<ActedFor> voidTouched() throws SQLException {
    List<ActedFor> rows = new ArrayList<>();
    // As things stand: somebody may have certified since the run began.
    for (VoidedCertificate certificate :
        VoidedCertificate.of(run.history(), run.plan().policy().store())) {
      long id =
          run.work()
              .number(
                  "SELECT audit.revoke_touched(?, ?, ?)",
                  run.journal().runId(),
                  certificate.entrypoint(),
                  certificate.objects().toArray(new String[0]));
      RegistryRow row = new RegistryRow("REVOKED", id);
      rows.add(new ActedFor("", certificate.entrypoint(), row, false, false));
      run.journal()
          .note(
              "the certificate of "
                  + certificate.entrypoint()
                  + " goes: it reads what this run refreshes, and no store certifies it");
    }
    return rows;
  }

  private static List<ActedFor> inOrder(List<ActedFor> rows) {
    return rows.stream().sorted(Comparator.comparing(ActedFor::entrypoint)).toList();
  }

  private List<ActedFor> committed(Attempts.Work<List<ActedFor>> transaction) throws SQLException {
    try {
      return run.attempts()
          .of(
              transaction,
              (attempt, why) -> {
                run.rollBack();
                run.journal().note(attempt + ": a registry row is locked" + holders());
              });
    } catch (SQLException e) {
      if (!SqlFailures.isRetryable(e)) {
        throw e;
      }
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "The store can't be closed for the refresh: its registry row is locked"
              + holders()
              + ". Nothing was changed; end that session, then run this again",
          e);
    }
  }

  /** One commit, in the order of names, as every writer of several rows. */
  private List<ActedFor> transaction(List<ActedFor> passing) throws SQLException {
    begin(passing.stream().filter(acted -> acted.row().certificateId() != null).toList());
    List<ActedFor> rows = new ArrayList<>();
    for (ActedFor acted : inOrder(run.targets())) {
      rows.add(acted.with(passing.contains(acted) ? revoked(acted) : leftClosed(acted)));
    }
    rows.addAll(voidTouched());
    run.interruption().check();
    run.work().commit();
    return rows;
  }

  private void begin(List<ActedFor> found) throws SQLException {
    Session work = run.work();
    work.begin();
    new Fence(found).hold(work);
  }

  private RegistryRow revoked(ActedFor acted) throws SQLException {
    return new RegistryRow("REFRESHING", write(acted, "REFRESHING", " refreshes it"));
  }

  /** Its row as it is by now; without one nothing would keep another run away from its views. */
  private RegistryRow leftClosed(ActedFor acted) throws SQLException {
    RegistryRow row = RegistryRow.of(run.work(), acted.entrypoint());
    return row.certificateId() != null
        ? row
        : new RegistryRow("REVOKED", write(acted, "REVOKED", " refreshes views of it"));
  }

  private long write(ActedFor acted, String status, String what) throws SQLException {
    return run.work()
        .number(
            "SELECT audit.revoke(?, ?, ?, NULL, ?)",
            run.journal().runId(),
            acted.entrypoint(),
            status,
            "refresher run " + run.journal().runId() + what);
  }

  private Duration longestLease(List<ActedFor> rows) throws SQLException {
    Object entrypoints = rows.stream().map(ActedFor::entrypoint).toArray(String[]::new);
    return Duration.ofMillis(
        run.work()
            .number(
                "SELECT ceil(extract(epoch FROM max(audit.longest_lease(e))) * 1000)::bigint"
                    + " FROM unnest(?::text[]) e",
                entrypoints));
  }

  private String holders() {
    return new LockHolders(run.history()).phrase(Closing.REGISTRY);
  }
}
