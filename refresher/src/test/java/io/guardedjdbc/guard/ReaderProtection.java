package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryRead;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/** A protection of the reader's, and how it looks when it is broken. */
public enum ReaderProtection {
  /** None is broken. */
  NONE,
  /** A look of the last seconds serves as the one after the result. */
  SECOND_LOOK,
  /** The look after the result may have been sent a little before it arrived. */
  SENT_TOO_EARLY,
  /** Certificates never get too old. */
  AGE,
  /** A lease ends by the monotonic clock alone. */
  WALL_CLOCK,
  /** Certified again is as good as certified still. */
  CHAIN,
  /** Every transaction passes for one that takes a snapshot each statement. */
  SNAPSHOT_ROW,
  /** The registry may be read on another server than the data. */
  SERVER_IDENTITY,
  /** Leases count on a standby, too. */
  STANDBY,
  /** What a statement wrote stays, whatever its release says. */
  UNDO,
  /** Errors go out at once. */
  HELD_BACK_ERRORS,
  /** Any certificate covers what is pinned to one. */
  PIN;

  private static final long EARLY_NANOS = Duration.ofSeconds(2).toNanos();

  Protections brokenIn(Protections whole) {
    Looks looks = whole.looks();
    Caller caller = whole.caller();
    Rules rules = whole.rules();
    ReaderClock clock = whole.clock();
    return switch (this) {
      case NONE -> whole;
      case SECOND_LOOK, SENT_TOO_EARLY ->
          new Protections(
              new EarlyLooks(looks, this == SECOND_LOOK ? EARLY_NANOS : EARLY_NANOS / 4),
              caller,
              rules,
              whole.undo(),
              whole.errors(),
              clock);
      case AGE -> with(whole, new ToldRules(rules, ReaderProtection::ageless));
      case CHAIN -> with(whole, new ToldRules(rules, ReaderProtection::chained));
      case STANDBY -> with(whole, new ToldRules(rules, ReaderProtection::primary));
      case PIN -> with(whole, unpinned((CertificateRules) rules));
      case SERVER_IDENTITY -> with(whole, new AnyServer(rules));
      case WALL_CLOCK ->
          new Protections(
              looks, caller, rules, whole.undo(), whole.errors(), new MonotonicAlone(clock));
      case SNAPSHOT_ROW ->
          new Protections(
              looks, new NoSnapshot(caller), rules, whole.undo(), whole.errors(), clock);
      case UNDO ->
          new Protections(
              looks, caller, rules, (raw, session) -> Undo.NOTHING, whole.errors(), clock);
      case HELD_BACK_ERRORS ->
          new Protections(
              looks,
              caller,
              rules,
              whole.undo(),
              error -> {
                throw error;
              },
              clock);
    };
  }

  private static Protections with(Protections whole, Rules rules) {
    return new Protections(
        whole.looks(), whole.caller(), rules, whole.undo(), whole.errors(), whole.clock());
  }

  private static Rules unpinned(CertificateRules pinned) {
    return new CertificateRules(pinned.tightened(), pinned.leaseBound(), pinned.validation(), null);
  }

  private static Look ageless(Look look) {
    return each(
        look, look.server(), row -> copy(row, row.chainStart(), Duration.ofDays(1000), null));
  }

  private static Look chained(Look look) {
    return each(look, look.server(), row -> copy(row, 0, row.maxAge(), row.maxDataAge()));
  }

  private static Look primary(Look look) {
    ServerIdentity own = look.server();
    return each(
        look,
        new ServerIdentity(
            own.systemIdentifier(),
            own.postmasterStart(),
            own.address(),
            own.port(),
            false,
            own.database()),
        row -> row);
  }

  private static Look each(
      Look look, ServerIdentity server, Function<Certificate, Certificate> of) {
    Map<String, Certificate> rows = new HashMap<>();
    look.certificates().forEach((name, row) -> rows.put(name, of.apply(row)));
    return new Look(look.sent(), look.serverTime(), server, rows);
  }

  private static Certificate copy(
      Certificate row, long chain, @Nullable Duration maxAge, @Nullable Duration maxDataAge) {
    return new Certificate(
        row.entrypoint(),
        row.status(),
        row.id(),
        row.number(),
        chain,
        row.certifiedAt(),
        row.refreshedAt(),
        maxAge,
        maxDataAge,
        row.lease(),
        row.failedGate(),
        row.store(),
        row.extendedBy());
  }

  private record EarlyLooks(Looks real, long nanos) implements Looks {
    @Override
    public @Nullable Look last() {
      return real.last();
    }

    @Override
    public Look sentAfter(Stamp moment) throws SQLException {
      return real.sentAfter(new Stamp(moment.monotonicNanos() - nanos, moment.wallMillis()));
    }

    @Override
    public RegistryRead read() throws SQLException {
      return real.read();
    }

    @Override
    public void reconnect() {
      real.reconnect();
    }
  }

  private record ToldRules(Rules real, Function<Look, Look> told) implements Rules {
    @Override
    public Verdict standing(String entrypoint, Look look, Stamp now) {
      return real.standing(entrypoint, told.apply(look), now);
    }

    @Override
    public long usableNanos(String entrypoint, Look look) {
      return real.usableNanos(entrypoint, told.apply(look));
    }

    @Override
    public Verdict between(String entrypoint, Look before, Look after, Stamp now) {
      return real.between(entrypoint, told.apply(before), told.apply(after), now);
    }

    @Override
    public boolean sameServer(ServerIdentity own, ServerIdentity registry) {
      return real.sameServer(own, registry);
    }
  }

  private record AnyServer(Rules real) implements Rules {
    @Override
    public Verdict standing(String entrypoint, Look look, Stamp now) {
      return real.standing(entrypoint, look, now);
    }

    @Override
    public long usableNanos(String entrypoint, Look look) {
      return real.usableNanos(entrypoint, look);
    }

    @Override
    public Verdict between(String entrypoint, Look before, Look after, Stamp now) {
      return real.between(entrypoint, before, after, now);
    }

    @Override
    public boolean sameServer(ServerIdentity own, ServerIdentity registry) {
      return true;
    }
  }

  private record MonotonicAlone(ReaderClock real) implements ReaderClock {
    @Override
    public long monotonicNanos() {
      return real.monotonicNanos();
    }

    @Override
    public long wallMillis() {
      return 0;
    }
  }

  private record NoSnapshot(Caller real) implements Caller {
    @Override
    public TransactionState state() {
      return real.state();
    }

    @Override
    public boolean autocommit() throws SQLException {
      return real.autocommit();
    }

    @Override
    public boolean standardConformingStrings() {
      return real.standardConformingStrings();
    }

    @Override
    public @Nullable ServerIdentity knownIdentity() {
      return real.knownIdentity();
    }

    @Override
    public void forgetIdentity() {
      real.forgetIdentity();
    }

    @Override
    public ServerIdentity identity() throws SQLException {
      return real.identity();
    }

    @Override
    public TransactionView readTransaction(Looks looks) throws SQLException {
      return new TransactionView("read committed", real.readTransaction(looks).registry());
    }
  }
}
