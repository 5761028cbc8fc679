package io.guardedjdbc.registry;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One read of the registry with the server's clock and identity. Immutable.
 *
 * @param sent the reader's clocks before the read was sent
 * @param serverTime the server's clock while it was read
 * @param server who answered
 * @param certificates by entrypoint; an entrypoint without a row is absent
 */
public record Look(
    Stamp sent, Instant serverTime, ServerIdentity server, Map<String, Certificate> certificates) {
  public Look {
    certificates = Map.copyOf(certificates);
  }

  /** The row of an entrypoint; null: it has none. */
  public @Nullable Certificate certificate(String entrypoint) {
    return certificates.get(entrypoint);
  }

  /** The latest that the server's clock may show at {@code now}. */
  public Instant serverTimeAt(Stamp now) {
    return serverTime.plusNanos(Math.max(0, sent.nanosUntil(now)));
  }
}
