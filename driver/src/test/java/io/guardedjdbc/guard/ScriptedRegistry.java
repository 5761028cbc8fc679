package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryRead;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A registry of one row, leases of ten seconds, certified an hour ago; and the reader's clocks. */
final class ScriptedRegistry implements Looks {
  static final String STORE = "ml.store_v";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  /** Two clocks that stand still unless told otherwise. */
  static final class Clock implements ReaderClock {
    long monotonicNanos;
    long wallMillis;

    void pass(Duration time) {
      monotonicNanos += time.toNanos();
      wallMillis += time.toMillis();
    }

    @Override
    public long monotonicNanos() {
      return monotonicNanos;
    }

    @Override
    public long wallMillis() {
      return wallMillis;
    }
  }

  final Clock clock = new Clock();
  ServerIdentity server = server("first start");
  int looks;
  int reconnects;

  /** How long an answer takes. */
  Duration answering = Duration.ZERO;

  private Certificate certificate = row("CERTIFIED", 7, 7);
  private @Nullable Look last;

  static ServerIdentity server(String start) {
    return new ServerIdentity("1", start, null, null, false, "db");
  }

  Certificate row(String status, long id, long chainStart) {
    return new Certificate(
        STORE,
        status,
        Long.toString(id),
        id,
        chainStart,
        NOON.minus(Duration.ofHours(1)),
        null,
        null,
        null,
        Duration.ofSeconds(10),
        null,
        null,
        null);
  }

  static Certificate withWarnAge(Certificate row, Duration warnAge) {
    return new Certificate(
        row.entrypoint(),
        row.status(),
        row.id(),
        row.number(),
        row.chainStart(),
        row.certifiedAt(),
        row.refreshedAt(),
        row.maxAge(),
        row.maxDataAge(),
        row.lease(),
        row.failedGate(),
        row.store(),
        row.extendedBy(),
        warnAge);
  }

  /** What the next look finds. */
  void certificate(String status, long id, long chainStart) {
    certificate = row(status, id, chainStart);
  }

  Look look() {
    return look(certificate);
  }

  Look look(Certificate row) {
    Instant now = NOON.plusNanos(clock.monotonicNanos);
    return new Look(
        new Stamp(clock.monotonicNanos, clock.wallMillis), now, server, Map.of(STORE, row));
  }

  @Override
  public @Nullable Look last() {
    return last;
  }

  @Override
  public Look sentAfter(Stamp moment) {
    Look known = last;
    if (known != null && known.sent().isAfter(moment)) {
      return known;
    }
    looks++;
    clock.monotonicNanos++;
    Look look = look();
    last = look;
    clock.pass(answering);
    return look;
  }

  @Override
  public RegistryRead read() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void reconnect() {
    reconnects++;
  }
}
