package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.LockHolders;
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
 * Takes certificates away whose rows will change, and waits for the leases that were granted on
 * them: the first half of a staged run; of an atomic one as far as what it changes is closed.
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
    await(new ClosedLeases(run.leases().now(), longestLease(names(rows))));
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

  /**
   * What an atomic run has to wait for before it commits. A target may have been closed a moment
   * before the run found it, or by its definition gates, and its readers still be on leases: they
   * would get the new rows under a certificate that never stood for them. A certificate that nobody
   * here can give again is taken away first, in a commit of its own, if leases were granted on it.
   *
   * @param found a moment after the targets' rows were read
   * @param passing the targets whose definition gates passed
   */
  ClosedLeases closedLeases(Stamp found, List<ActedFor> passing) throws SQLException {
    List<ActedFor> closed =
        new ArrayList<>(
            run.targets().stream()
                .filter(target -> !target.row().certified() || !passing.contains(target))
                .toList());
    List<VoidedCertificate> leased = run.options().refresh() ? leasedVoided() : List.of();
    if (!leased.isEmpty()) {
      closed.addAll(
          committed(
              () -> {
                begin(List.of());
                List<ActedFor> rows = voided(leased);
                run.work().commit();
                return rows;
              }));
    }
    boolean byUs = !leased.isEmpty() || closed.stream().anyMatch(row -> row.row().certified());
    return new ClosedLeases(byUs ? run.leases().now() : found, longestLease(names(closed)));
  }

  /** Returns once these leases are over; says so where there is anything to wait for. */
  void await(ClosedLeases closed) throws SQLException {
    Duration wait = LeaseWait.after(closed.longest());
    if (run.leases().isOver(closed.since(), wait)) {
      return;
    }
    run.journal()
        .step(
            StepKind.WAIT,
            run.plan().policy().entrypoint(),
            () -> {
              run.leases().await(closed.since(), wait);
              return new StepFacts(
                  OptionalLong.empty(), DurationText.readable(wait) + " for leases");
            });
  }

  private List<VoidedCertificate> leasedVoided() throws SQLException {
    List<VoidedCertificate> leased = new ArrayList<>();
    for (VoidedCertificate certificate :
        VoidedCertificate.of(run.history(), run.plan().policy().store())) {
      if (!longestLease(List.of(certificate.entrypoint())).isZero()) {
        leased.add(certificate);
      }
    }
    return leased;
  }

  /** Takes away, in the open transaction, every certificate that nobody here can give again. */
  List<ActedFor> voidTouched() throws SQLException {
    // As things stand: somebody may have certified since the run began.
    return voided(VoidedCertificate.of(run.history(), run.plan().policy().store()));
  }

  private List<ActedFor> voided(List<VoidedCertificate> certificates) throws SQLException {
    List<ActedFor> rows = new ArrayList<>();
    for (VoidedCertificate certificate : certificates) {
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

  private static List<String> names(List<ActedFor> rows) {
    return rows.stream().map(ActedFor::entrypoint).toList();
  }

  private Duration longestLease(List<String> entrypoints) throws SQLException {
    Object names = entrypoints.toArray(new String[0]);
    return Duration.ofMillis(
        run.work()
            .number(
                "SELECT coalesce(ceil(extract(epoch FROM max(audit.longest_lease(e))) * 1000), 0)::bigint"
                    + " FROM unnest(?::text[]) e",
                names));
  }

  private String holders() {
    return LockHolders.aside(new LockHolders(run.history()).of(Closing.REGISTRY));
  }
}
