package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/**
 * The steps of the protocol for one session: a look before, what the transaction's snapshot sees,
 * the release after. Which look is enough is said by {@link Rules}; this class takes them.
 */
final class Validator {
  /** A look before may be this old where only its certificate's id counts. */
  private static final Duration REUSE = Duration.ofSeconds(1);

  /** So many looks are tried for one release before their answers count as too slow. */
  private static final int LATER_LOOKS = 4;

  private final Looks looks;
  private final Caller caller;
  private final Rules rules;
  private final ReaderClock clock;
  private final AgeWarning ages = new AgeWarning();
  private volatile @Nullable TransactionView transaction;

  Validator(Looks looks, Caller caller, Rules rules, ReaderClock clock) {
    this.looks = looks;
    this.caller = caller;
    this.rules = rules;
    this.clock = clock;
  }

  /** The next statement belongs to another transaction. */
  void transactionEnded() {
    if (transaction != null) {
      transaction = null;
    }
  }

  /** As {@link #before(Decision, long)}, now. */
  Before before(Decision decision) throws SQLException {
    return before(decision, clock.monotonicNanos());
  }

  /**
   * Looks, where nothing usable is known.
   *
   * @param nowNanos the monotonic clock, read since the statement was asked for
   * @throws SQLException the refusal where a certificate does not stand: nothing is to be sent
   */
  Before before(Decision decision, long nowNanos) throws SQLException {
    return before(decision, nowNanos, true);
  }

  /** The same for what begins no transaction: the server describes a text outside of one, too. */
  Before beforeDescription(Decision decision) throws SQLException {
    return before(decision, clock.monotonicNanos(), !caller.idle());
  }

  private Before before(Decision decision, long nowNanos, boolean inTransaction)
      throws SQLException {
    Before known = decision.sentOn();
    if (known != null && isLast(known) && sendsOn(decision, known, nowNanos)) {
      return known.under(inTransaction ? view() : null);
    }
    Set<String> entrypoints = decision.entrypoints();
    Stamp now = clock.stamp();
    Look look = looks.last();
    if (look == null || !usable(entrypoints, look, now)) {
      look = laterLook(entrypoints, look, now);
    }
    TransactionView view = inTransaction ? view() : null;
    if (!rules.sameServer(caller.identity(), look.server())) {
      looks.reconnect();
      if (view == null) {
        caller.forgetIdentity();
      }
      look = freshLook(entrypoints);
      requireSameServer(look);
    }
    Before before = on(look, entrypoints);
    decision.sentOn(before);
    return before.under(view);
  }

  /**
   * A read that a release then refuses has cost a round trip and left nothing: one clock is enough
   * for it. What may leave something behind is sent on both.
   */
  private boolean sendsOn(Decision decision, Before known, long nowNanos) {
    return decision.undo()
        ? known.usable(nowNanos, clock.wallMillis())
        : known.worthSending(nowNanos);
  }

  /** By reference: equal ones merely cost a little more, and nothing is cheaper. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isLast(Before known) {
    return known.look() == looks.last() && known.own() == caller.knownIdentity();
  }

  /** The look, with what a release on it alone needs. */
  private Before on(Look look, Set<String> entrypoints) throws SQLException {
    long usableNanos = Long.MAX_VALUE;
    for (String entrypoint : entrypoints) {
      usableNanos = Math.min(usableNanos, rules.usableNanos(entrypoint, look));
      ages.saw(entrypoint, look);
    }
    Lineage leased =
        usableNanos > 0 ? lineage(entrypoints, look, look, look.sent(), null, true) : Lineage.NONE;
    return new Before(look, null, caller.identity(), usableNanos, leased);
  }

  /** What somebody else has looked up meanwhile will do, where it is usable: one look a lease. */
  private Look laterLook(Set<String> entrypoints, @Nullable Look known, Stamp now)
      throws SQLException {
    Look look = looks.sentAfter(known == null ? now : known.sent());
    if (look.sent().isAfter(now)) {
      requireStanding(entrypoints, look);
      return look;
    }
    return usable(entrypoints, look, clock.stamp()) ? look : freshLook(entrypoints);
  }

  private Look freshLook(Set<String> entrypoints) throws SQLException {
    Look look = looks.sentAfter(clock.stamp());
    requireStanding(entrypoints, look);
    return look;
  }

  private void requireStanding(Set<String> entrypoints, Look look) throws SQLException {
    Stamp now = clock.stamp();
    for (String entrypoint : entrypoints) {
      rules.standing(entrypoint, look, now).orThrow(null);
    }
  }

  private boolean usable(Set<String> entrypoints, Look look, Stamp now) {
    if (look.sent().nanosUntil(now) >= REUSE.toNanos()) {
      return leased(entrypoints, look, now);
    }
    return onOwnServer(look)
        && entrypoints.stream().allMatch(name -> rules.standing(name, look, now).state() == null);
  }

  /** Whether the look may be decided on without another. */
  private boolean leased(Set<String> entrypoints, Look look, Stamp now) {
    return onOwnServer(look)
        && entrypoints.stream().allMatch(name -> rules.leased(name, look, now));
  }

  private boolean onOwnServer(Look look) {
    ServerIdentity own = caller.knownIdentity();
    return own == null || rules.sameServer(own, look.server());
  }

  /** What the open transaction sees, read once; null where the statement is one of its own. */
  private @Nullable TransactionView view() throws SQLException {
    TransactionState state = caller.state();
    if (state == TransactionState.IDLE) {
      transactionEnded();
      if (caller.autocommit()) {
        return null;
      }
    } else if (state == TransactionState.FAILED) {
      return null;
    }
    TransactionView view = transaction;
    if (view == null) {
      view = caller.readTransaction(looks);
      transaction = view;
    }
    return view;
  }

  private void requireSameServer(Look look) throws SQLException {
    if (!rules.sameServer(caller.identity(), look.server())) {
      throw Refusals.refusal(
          GuardState.UNREADABLE,
          "the registry was read on another server, or another start of it, than the data",
          "Connect again");
    }
  }

  /**
   * The release of what has arrived just now: decided on a look that is younger than its lease,
   * where leases prove enough, else on one sent after the arrival. The look before comes first,
   * then what anybody has looked up since, then a look of our own. A thread that was paused behind
   * an answer for longer than the lease that it grants looks once more.
   *
   * @param held the error that would go out; null: a result
   * @throws SQLException the refusal
   */
  Lineage release(Set<String> entrypoints, Before before, @Nullable SQLException held)
      throws SQLException {
    if (before.usable(clock.monotonicNanos(), clock.wallMillis()) && before.snapshot() == null) {
      return before.leased();
    }
    Stamp arrived = clock.stamp();
    Stamp now = arrived;
    Look first = before.first();
    Look present = before.look();
    boolean after = false;
    for (int i = 0; i < LATER_LOOKS; i++) {
      if (after
          ? !outlasted(entrypoints, present, now)
          : leased(entrypoints, present, now) && !certifiedSince(entrypoints, present, first)) {
        return lineage(entrypoints, first, present, now, held, !after);
      }
      boolean anybodys = i == 0 && before.usableNanos() > 0;
      present = looks.sentAfter(anybodys ? present.sent() : now);
      requireSameServer(present);
      after = !anybodys || present.sent().isAfter(arrived);
      now = clock.stamp();
    }
    throw Refusals.refusal(
        GuardState.UNREADABLE,
        "looking at the registry takes longer than the lease that it grants",
        "Read with guard.validation=always, or raise the lease");
  }

  /** Whether the lease that a look grants is over by now. */
  private boolean outlasted(Set<String> entrypoints, Look look, Stamp now) {
    return entrypoints.stream()
        .anyMatch(name -> rules.usableNanos(name, look) > 0 && !rules.leased(name, look, now));
  }

  private Lineage lineage(
      Set<String> entrypoints,
      Look first,
      Look present,
      Stamp now,
      @Nullable SQLException held,
      boolean leased)
      throws SQLException {
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
  private static boolean certifiedSince(Set<String> entrypoints, Look look, Look snapshot) {
    for (String entrypoint : entrypoints) {
      Certificate looked = look.certificate(entrypoint);
      Certificate seen = snapshot.certificate(entrypoint);
      if (looked == null || seen == null || !seen.continuesIn(looked)) {
        return true;
      }
    }
    return false;
  }
}
