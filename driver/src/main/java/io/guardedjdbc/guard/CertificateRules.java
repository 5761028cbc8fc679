package io.guardedjdbc.guard;

import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a release, as pure functions over looks and clock readings. Each method is one rule
 * of the protocol; nothing else decides.
 *
 * @param tightened maximum age by property, on top of the registry's; null: none
 * @param leaseBound upper bound of leases by property; null: none
 * @param validation whether leases may be used at all
 * @param pin the only certificate that may cover a release; null: any
 */
record CertificateRules(
    @Nullable Duration tightened,
    @Nullable Duration leaseBound,
    Validation validation,
    @Nullable String pin)
    implements Rules {
  /** Where neither registry nor property sets a maximum age. */
  static final Duration DEFAULT_MAX_AGE = Duration.ofHours(24);

  /** What nanoseconds can hold. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  /** A certificate further in the server's future than this makes no sense. */
  static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

  @Override
  public Verdict standing(String entrypoint, Look look, Stamp now) {
    Certificate certificate = look.certificate(entrypoint);
    if (certificate == null) {
      return Verdict.refused(
          GuardState.UNCERTIFIED,
          entrypoint + " has no certificate: the registry has no row for it",
          "Run: refresher run " + entrypoint);
    }
    if (certificate.refreshing()) {
      return Verdict.refused(
          GuardState.CHANGING, entrypoint + " is being refreshed", "Try again after the refresh");
    }
    if (!certificate.certified()) {
      return notCertified(certificate);
    }
    Verdict age = withinAges(certificate, look, now);
    if (age.state() == null && pin != null && !pin.equals(certificate.id())) {
      return Verdict.refused(
          GuardState.OTHER_CERTIFICATE,
          entrypoint
              + " has certificate "
              + certificate.id()
              + ", this connection is pinned to "
              + pin,
          "Read with guard.certificate=" + certificate.id() + ", or without a pin");
    }
    return age;
  }

  private static Verdict notCertified(Certificate certificate) {
    boolean known =
        certificate.status().equalsIgnoreCase("FAILED")
            || certificate.status().equalsIgnoreCase("REVOKED");
    String gate = certificate.failedGate();
    return Verdict.refused(
        known ? GuardState.FAILED : GuardState.UNCERTIFIED,
        certificate.entrypoint()
            + (known
                ? " is not certified: status "
                    + certificate.status().toUpperCase(java.util.Locale.ROOT)
                : " has a registry row that makes no sense")
            + (gate == null ? "" : ", gate " + gate),
        "Run: refresher " + (known ? "explain " : "run ") + name(certificate));
  }

  /** Ages are measured to the latest that the server's clock may show at {@code now}. */
  private Verdict withinAges(Certificate certificate, Look look, Stamp now) {
    Instant certifiedAt = certificate.certifiedAt();
    if (certifiedAt == null || certifiedAt.isAfter(look.serverTime().plus(CLOCK_TOLERANCE))) {
      return Verdict.refused(
          GuardState.UNCERTIFIED,
          certificate.entrypoint()
              + (certifiedAt == null
                  ? " has a certificate without a time"
                  : " has a certificate from the future, "
                      + Refusals.utc(certifiedAt)
                      + ", server time "
                      + Refusals.utc(look.serverTime())),
          "Run: refresher run " + name(certificate));
    }
    Instant latest = look.serverTimeAt(now);
    Duration limit = maxAge(certificate);
    if (!latest.isBefore(certifiedAt.plus(limit))) {
      return aged(certificate, "was certified", certifiedAt, limit, latest);
    }
    Duration dataLimit = certificate.maxDataAge();
    if (dataLimit != null) {
      Instant data = dataTime(certificate);
      if (!latest.isBefore(data.plus(dataLimit))) {
        return aged(certificate, "has data refreshed", data, dataLimit, latest);
      }
    }
    return Verdict.covered(certificate.id());
  }

  private static Verdict aged(
      Certificate certificate, String what, Instant since, Duration limit, Instant latest) {
    return Verdict.refused(
        GuardState.STALE,
        certificate.entrypoint()
            + " "
            + what
            + " "
            + Refusals.age(Duration.between(since, latest))
            + " ago, limit "
            + Refusals.age(limit)
            + " (server time "
            + Refusals.utc(latest)
            + ")",
        "Run: refresher run " + name(certificate));
  }

  private static Instant dataTime(Certificate certificate) {
    Instant refreshedAt = certificate.refreshedAt();
    return refreshedAt == null ? Instant.EPOCH : refreshedAt;
  }

  private Duration maxAge(Certificate certificate) {
    Duration own = certificate.maxAge() == null ? DEFAULT_MAX_AGE : certificate.maxAge();
    return tightened == null ? own : shorter(own, tightened);
  }

  @Override
  public long usableNanos(String entrypoint, Look look) {
    Certificate certificate = look.certificate(entrypoint);
    Instant certifiedAt = certificate == null ? null : certificate.certifiedAt();
    if (certificate == null
        || certifiedAt == null
        || standing(entrypoint, look, look.sent()).state() != null) {
      return 0;
    }
    Duration usable =
        shorter(lease(certificate, look), left(look, certifiedAt, maxAge(certificate)));
    Duration dataLimit = certificate.maxDataAge();
    return nanos(
        dataLimit == null ? usable : shorter(usable, left(look, dataTime(certificate), dataLimit)));
  }

  /** What was left, when the server answered, of a limit that began at {@code since}. */
  private static Duration left(Look look, Instant since, Duration limit) {
    return Duration.between(look.serverTime(), since.plus(limit));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(LONGEST) >= 0 ? Long.MAX_VALUE : duration.toNanos();
  }

  /** Zero wherever leases prove nothing: not granted, a standby, a pin, or not wanted. */
  private Duration lease(Certificate certificate, Look look) {
    if (validation == Validation.ALWAYS || pin != null || look.server().inRecovery()) {
      return Duration.ZERO;
    }
    Duration granted = certificate.lease();
    return leaseBound == null ? granted : shorter(granted, leaseBound);
  }

  /**
   * The certificate is the same, or the later one goes on from the earlier by atomic publishes only
   * and the earlier is within its own age still. "Certified again" is not enough: it may hide a
   * window.
   */
  @Override
  public Verdict between(String entrypoint, Look before, Look after, Stamp now) {
    Verdict present = standing(entrypoint, after, now);
    if (present.state() != null) {
      return present;
    }
    Certificate first = before.certificate(entrypoint);
    Certificate second = after.certificate(entrypoint);
    if (first == null || second == null || !first.certified() || !first.continuesIn(second)) {
      return Verdict.refused(
          GuardState.CHANGING,
          entrypoint
              + " was certified anew while the statement ran"
              + (first == null || second == null
                  ? ""
                  : " (" + first.id() + ", then " + second.id() + ")"),
          "Read again");
    }
    if (first.id().equals(second.id())) {
      return Verdict.covered(second.id());
    }
    if (pin != null) {
      return Verdict.refused(
          GuardState.OTHER_CERTIFICATE,
          entrypoint + " went on from certificate " + first.id() + " to the pinned one meanwhile",
          "Read again");
    }
    Verdict firstsAge = withinAges(first, after, now);
    return firstsAge.state() != null ? firstsAge : Verdict.covered(first.id() + ".." + second.id());
  }

  @Override
  public boolean sameServer(ServerIdentity own, ServerIdentity registry) {
    return own.equals(registry);
  }

  /** The name to put behind "refresher run": the store's, else the entrypoint's. */
  static String name(Certificate certificate) {
    return certificate.store() == null ? certificate.entrypoint() : certificate.store();
  }
}
