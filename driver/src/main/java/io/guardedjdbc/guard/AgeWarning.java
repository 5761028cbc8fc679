package io.guardedjdbc.guard;

import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once a connection and store that its certificate is past its warn age. Thread-safe. */
final class AgeWarning {
  private static final Logger LOG = LoggerFactory.getLogger("io.guardedjdbc.guard");

  private final Set<String> said = ConcurrentHashMap.newKeySet(0);

  /** Returns what was logged just now; empty: nothing to say, or said before. */
  String saw(String entrypoint, Look look) {
    Certificate certificate = look.certificate(entrypoint);
    Instant certifiedAt = certificate == null ? null : certificate.certifiedAt();
    Duration warnAge = certificate == null ? null : certificate.warnAge();
    if (certificate == null || certifiedAt == null || warnAge == null) {
      return "";
    }
    Duration age = Duration.between(certifiedAt, look.serverTime());
    if (age.compareTo(warnAge) < 0 || !said.add(entrypoint)) {
      return "";
    }
    String line =
        entrypoint
            + " was certified "
            + Refusals.age(age)
            + " ago, past its warn age of "
            + Refusals.age(warnAge)
            + " (server time "
            + Refusals.utc(look.serverTime())
            + "). Run: refresher run "
            + CertificateRules.name(certificate);
    LOG.warn("{}", line);
    return line;
  }
}
