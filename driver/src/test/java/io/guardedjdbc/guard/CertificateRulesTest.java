package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.registry.Certificate;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.ServerIdentity;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CertificateRulesTest {
  private static final String STORE = "ml.store_v";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final CertificateRules RULES =
      new CertificateRules(null, null, Validation.LEASED, null);

  @Test
  void releasesWithinTheLease() {
    Look look = look(certificate(7, 7));
    assertThat(RULES.leased(STORE, look, after(look, 9_999, 0))).isTrue();
  }

  @Test
  void looksAgainWhenTheLeaseHasRunOutOnTheMonotonicClock() {
    Look look = look(certificate(7, 7));
    assertThat(RULES.leased(STORE, look, after(look, 10_000, 0))).isFalse();
  }

  @Test
  void looksAgainWhenTheLeaseHasRunOutOnTheWallClockAlone() {
    Look look = look(certificate(7, 7));
    assertThat(RULES.leased(STORE, look, after(look, 1, 10_000))).isFalse();
  }

  @Test
  void aWallClockSetBackDoesNotLengthenALease() {
    Look look = look(certificate(7, 7));
    assertThat(RULES.leased(STORE, look, after(look, 10_000, -3_600_000))).isFalse();
  }

  @Test
  void leasesProveNothingOnAStandby() {
    Look look = new Look(new Stamp(0, 0), NOON, server(true), Map.of(STORE, certificate(7, 7)));
    assertThat(RULES.leased(STORE, look, after(look, 1, 1))).isFalse();
  }

  @Test
  void leasesProveNothingUnderAPinOrWhenNotWanted() {
    Look look = look(certificate(7, 7));
    Stamp now = after(look, 1, 1);
    assertThat(new CertificateRules(null, null, Validation.LEASED, "7").leased(STORE, look, now))
        .isFalse();
    assertThat(new CertificateRules(null, null, Validation.ALWAYS, null).leased(STORE, look, now))
        .isFalse();
  }

  @Test
  void thePropertyOnlyLowersALease() {
    Look look = look(certificate(7, 7));
    Stamp now = after(look, 500, 500);
    assertThat(bounded(Duration.ofMillis(400)).leased(STORE, look, now)).isFalse();
    assertThat(bounded(Duration.ofHours(1)).leased(STORE, look, now)).isTrue();
    assertThat(bounded(Duration.ofHours(1)).leased(STORE, look, after(look, 10_001, 0))).isFalse();
  }

  private static CertificateRules bounded(Duration lease) {
    return new CertificateRules(null, lease, Validation.LEASED, null);
  }

  @Test
  void refusesWhenCertificateIsOlderThanItsLimit() {
    Look look = look(certificate(7, 7, "CERTIFIED", NOON.minus(Duration.ofDays(1))));
    Verdict verdict = RULES.standing(STORE, look, after(look, 0, 0));
    assertThat(verdict.state()).isEqualTo(GuardState.STALE);
    assertThat(verdict.what())
        .isEqualTo(
            "ml.store_v was certified 24 h ago, limit 24 h (server time 2026-11-22T12:00:00Z)");
  }

  @Test
  void refusesWhenCertificateAgesOutAfterTheLook() {
    Look look = look(certificate(7, 7, "CERTIFIED", NOON.minus(Duration.ofDays(1)).plusSeconds(5)));
    assertThat(RULES.standing(STORE, look, after(look, 4_999, 0)).state()).isNull();
    assertThat(RULES.standing(STORE, look, after(look, 5_000, 0)).state())
        .isEqualTo(GuardState.STALE);
  }

  @Test
  void thePropertyOnlyTightensTheMaximumAge() {
    Look look = look(certificate(7, 7, "CERTIFIED", NOON.minus(Duration.ofHours(23))));
    assertThat(tightened(Duration.ofHours(22)).standing(STORE, look, look.sent()).state())
        .isEqualTo(GuardState.STALE);
    Look old = look(certificate(7, 7, "CERTIFIED", NOON.minus(Duration.ofHours(25))));
    assertThat(tightened(Duration.ofDays(2)).standing(STORE, old, old.sent()).state())
        .isEqualTo(GuardState.STALE);
  }

  private static CertificateRules tightened(Duration maxAge) {
    return new CertificateRules(maxAge, null, Validation.LEASED, null);
  }

  @Test
  void refusesACertificateFromTheFuture() {
    Look look = look(certificate(7, 7, "CERTIFIED", NOON.plusSeconds(6)));
    assertThat(RULES.standing(STORE, look, look.sent()).state()).isEqualTo(GuardState.UNCERTIFIED);
    Look near = look(certificate(7, 7, "CERTIFIED", NOON.plusSeconds(4)));
    assertThat(RULES.standing(STORE, near, near.sent()).state()).isNull();
  }

  @Test
  void refusesWithoutRowWithoutTimeAndForEveryOtherStatus() {
    Look none = new Look(new Stamp(0, 0), NOON, server(false), Map.of());
    assertThat(RULES.standing(STORE, none, none.sent()).state()).isEqualTo(GuardState.UNCERTIFIED);
    assertThat(state(certificate(7, 7, "CERTIFIED", null))).isEqualTo(GuardState.UNCERTIFIED);
    assertThat(state(certificate(7, 7, "FAILED", NOON))).isEqualTo(GuardState.FAILED);
    assertThat(state(certificate(7, 7, "revoked", NOON))).isEqualTo(GuardState.FAILED);
    assertThat(state(certificate(7, 7, "REFRESHING", NOON))).isEqualTo(GuardState.CHANGING);
    assertThat(state(certificate(7, 7, "certified ", NOON))).isEqualTo(GuardState.UNCERTIFIED);
    assertThat(state(certificate(7, 7, "", NOON))).isEqualTo(GuardState.UNCERTIFIED);
    assertThat(state(certificate(7, 7, "certified", NOON))).isNull();
  }

  @Test
  void dataOlderThanTheirOwnLimitAreRefused() {
    Certificate certificate =
        new Certificate(
            STORE,
            "CERTIFIED",
            "7",
            7,
            7,
            NOON,
            NOON.minusSeconds(61),
            null,
            Duration.ofMinutes(1),
            Duration.ZERO,
            null,
            null,
            null);
    assertThat(state(certificate)).isEqualTo(GuardState.STALE);
  }

  @Test
  void sameCertificateBeforeAndAfterCoversTheRows() {
    assertThat(between(certificate(7, 7), certificate(7, 7)).lineage()).isEqualTo("7");
  }

  @Test
  void aLaterCertificateOfTheChainCoversTheRowsAsAPair() {
    assertThat(between(certificate(7, 5), certificate(9, 5)).lineage()).isEqualTo("7..9");
  }

  @Test
  void certifiedAgainIsNotEnough() {
    Verdict verdict = between(certificate(7, 5), certificate(9, 9));
    assertThat(verdict.state()).isEqualTo(GuardState.CHANGING);
  }

  @Test
  void anEarlierLookThanTheRowsChainIsRefused() {
    assertThat(between(certificate(7, 5), certificate(9, 8)).state())
        .isEqualTo(GuardState.CHANGING);
  }

  @Test
  void theEarlierCertificateMustBeWithinItsOwnAge() {
    Certificate old = certificate(7, 5, "CERTIFIED", NOON.minus(Duration.ofDays(1)));
    assertThat(between(old, certificate(9, 5)).state()).isEqualTo(GuardState.STALE);
  }

  @Test
  void idsOfTheRunbooksRegistryHaveNoOrder() {
    Certificate one = runbook("700@1");
    assertThat(between(one, runbook("700@1")).state()).isNull();
    assertThat(between(one, runbook("701@1")).state()).isEqualTo(GuardState.CHANGING);
  }

  @Test
  void aPinTakesNoPair() {
    CertificateRules pinned = new CertificateRules(null, null, Validation.LEASED, "9");
    Look before = look(certificate(7, 5));
    Look after = look(certificate(9, 5));
    assertThat(pinned.between(STORE, before, after, after.sent()).state())
        .isEqualTo(GuardState.OTHER_CERTIFICATE);
    assertThat(pinned.between(STORE, after, after, after.sent()).lineage()).isEqualTo("9");
    assertThat(pinned.standing(STORE, before, before.sent()).state())
        .isEqualTo(GuardState.OTHER_CERTIFICATE);
  }

  private static Verdict between(Certificate before, Certificate after) {
    Look second = look(after);
    return RULES.between(STORE, look(before), second, second.sent());
  }

  private static @Nullable GuardState state(Certificate certificate) {
    Look look = look(certificate);
    return RULES.standing(STORE, look, look.sent()).state();
  }

  private static Certificate runbook(String id) {
    return new Certificate(
        STORE, "CERTIFIED", id, -1, -1, NOON, null, null, null, Duration.ZERO, null, null, null);
  }

  private static Certificate certificate(long id, long chain) {
    return certificate(id, chain, "CERTIFIED", NOON.minusSeconds(60));
  }

  private static Certificate certificate(
      long id, long chain, String status, @Nullable Instant certifiedAt) {
    return new Certificate(
        STORE,
        status,
        Long.toString(id),
        id,
        chain,
        certifiedAt,
        certifiedAt,
        null,
        null,
        Duration.ofSeconds(10),
        null,
        "survival",
        null);
  }

  private static Look look(Certificate certificate) {
    return new Look(new Stamp(0, 0), NOON, server(false), Map.of(STORE, certificate));
  }

  private static Stamp after(Look look, long monotonicMillis, long wallMillis) {
    return new Stamp(
        look.sent().monotonicNanos() + monotonicMillis * 1_000_000,
        look.sent().wallMillis() + wallMillis);
  }

  private static ServerIdentity server(boolean standby) {
    return new ServerIdentity("1", "2", null, null, standby, "db");
  }
}
