package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of the protocol for one session: a look before, what the transaction's snapshot sees,
 * the release after. Which look is enough is said by {@link CertificateRules}; this class takes
 * them.
 */
final class Validator {
  /**
   * What a statement was sent on.
   *
   * @param look the look before
   * @param snapshot the registry as the transaction's snapshot sees it; null: each statement takes
   *     a snapshot of its own
   */
  record Before(Look look, @Nullable Look snapshot) {
    /** The earliest state of the registry that the rows may belong to. */
    Look first() {
      return snapshot == null ? look : snapshot;
    }
  }

  /** A look before may be this old where only its certificate's id counts. */
  private static final Duration REUSE = Duration.ofSeconds(1);

  private final SharedServer server;
  private final CallerSession caller;
  private final CertificateRules rules;
  private final ReaderClock clock;
  private volatile @Nullable TransactionView transaction;

  Validator(SharedServer server, CallerSession caller, CertificateRules rules, ReaderClock clock) {
    this.server = server;
    this.caller = caller;
    this.rules = rules;
    this.clock = clock;
  }

  /** The next statement belongs to another transaction. */
  void transactionEnded() {
    transaction = null;
  }

  /**
   * Looks, where nothing usable is known.
   *
   * @throws SQLException the refusal where a certificate does not stand: nothing is to be sent
   */
  Before before(Set<String> entrypoints) throws SQLException {
    Stamp now = clock.stamp();
    Look look = server.looks().last();
    if (look == null || !usable(entrypoints, look, now)) {
      look = freshLook(entrypoints);
    }
    TransactionView view = view();
    if (!caller.identity().equals(look.server())) {
      server.reconnect();
      if (view == null) {
        caller.forgetIdentity();
      }
      look = freshLook(entrypoints);
      requireSameServer(look);
    }
    return new Before(look, view == null || view.snapshotPerStatement() ? null : view.registry());
  }

  private Look freshLook(Set<String> entrypoints) throws SQLException {
    Look look = server.looks().sentAfter(clock.stamp());
    Stamp now = clock.stamp();
    for (String entrypoint : entrypoints) {
      rules.standing(entrypoint, look, now).orThrow(null);
    }
    return look;
  }

  private boolean usable(Set<String> entrypoints, Look look, Stamp now) {
    ServerIdentity own = caller.knownIdentity();
    if (own != null && !own.equals(look.server())) {
      return false;
    }
    boolean recent = look.sent().nanosUntil(now) < REUSE.toNanos();
    for (String entrypoint : entrypoints) {
      boolean usable =
          recent
              ? rules.standing(entrypoint, look, now).state() == null
              : rules.leased(entrypoint, look, now);
      if (!usable) {
        return false;
      }
    }
    return true;
  }

  /** What the open transaction sees, read once; null where the statement is one of its own. */
  private @Nullable TransactionView view() throws SQLException {
    if (caller.idle()) {
      transaction = null;
    }
    if (caller.autocommitIdle() || caller.failed()) {
      return null;
    }
    TransactionView view = transaction;
    if (view == null) {
      view = caller.readTransaction(server.looks().read());
      transaction = view;
    }
    return view;
  }

  private void requireSameServer(Look look) throws SQLException {
    if (!caller.identity().equals(look.server())) {
      throw Refusals.refusal(
          GuardState.UNREADABLE,
          "the registry was read on another server, or another start of it, than the data",
          "Connect again");
    }
  }

  /**
   * The release, decided on the look before where leases prove enough, else on one sent after the
   * result had arrived.
   *
   * @param arrived the clocks after the result, or the error, had arrived
   * @param held the error that would go out; null: a result
   * @throws SQLException the refusal
   */
  Lineage release(
      Set<String> entrypoints, Before before, Stamp arrived, @Nullable SQLException held)
      throws SQLException {
    Look first = before.first();
    boolean leased = true;
    for (String entrypoint : entrypoints) {
      leased &=
          rules.leased(entrypoint, before.look(), arrived)
              && !certifiedSince(entrypoint, before.look(), first);
    }
    Look present = before.look();
    if (!leased) {
      present = server.looks().sentAfter(arrived);
      requireSameServer(present);
    }
    Stamp now = clock.stamp();
    List<String> covered = new ArrayList<>(entrypoints.size());
    for (String entrypoint : entrypoints) {
      Verdict verdict = rules.between(entrypoint, first, present, now);
      verdict.orThrow(held);
      covered.add(entrypoint + "=" + verdict.lineage() + extension(present, entrypoint));
    }
    return new Lineage(covered, leased);
  }

  private static String extension(Look present, String entrypoint) {
    Certificate certificate = present.certificate(entrypoint);
    String by = certificate == null ? null : certificate.extendedBy();
    return by == null ? "" : " (extended by " + by + ")";
  }

  /** Whether a snapshot taken after the look sees a later certificate than it. */
  private static boolean certifiedSince(String entrypoint, Look look, Look snapshot) {
    Certificate looked = look.certificate(entrypoint);
    Certificate seen = snapshot.certificate(entrypoint);
    return looked == null || seen == null || !seen.continuesIn(looked);
  }
}
