package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.registry.Certificate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.core.TransactionState;

/** The steps of a release, against a registry and two clocks that the test moves. */
class ValidatorTest {
  private static final String STORE = ScriptedRegistry.STORE;

  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final ScriptedCaller caller = new ScriptedCaller(registry);

  private final Decision decision = new Decision(Set.of(STORE), false);

  private Validator validator(Validation validation, @Nullable String pin) {
    return new Validator(
        registry, caller, new CertificateRules(null, null, validation, pin), registry.clock);
  }

  private Validator leased() {
    return validator(Validation.LEASED, null);
  }

  private static Lineage execute(Validator validator, Decision decision) throws SQLException {
    return validator.release(decision.entrypoints(), validator.before(decision), null);
  }

  @Test
  void oneLookServesAllExecutionsOfALease() throws SQLException {
    Validator validator = leased();
    Lineage first = execute(validator, decision);
    assertThat(first.text()).isEqualTo("ml.store_v=7 (leased)");
    registry.clock.pass(Duration.ofSeconds(9));
    assertThat(execute(validator, decision)).isSameAs(first);
    assertThat(registry.looks).isEqualTo(1);
    registry.clock.pass(Duration.ofSeconds(1));
    execute(validator, decision);
    assertThat(registry.looks).isEqualTo(2);
  }

  @Test
  void aWallClockThatJumpsEndsTheLeaseOfAKnownStatement() throws SQLException {
    Validator validator = leased();
    execute(validator, decision);
    registry.clock.wallMillis += 10_000;
    assertThat(execute(validator, decision).leased()).as("looked before, not after").isTrue();
    assertThat(registry.looks).isEqualTo(2);
  }

  @Test
  void whatAnotherSessionSawLaterCountsAtOnce() throws SQLException {
    Validator validator = leased();
    execute(validator, decision);
    registry.certificate("FAILED", 8, 8);
    registry.sentAfter(registry.clock.stamp());
    assertThatThrownBy(() -> execute(validator, decision)).hasMessageContaining("[RG101]");
  }

  @Test
  void aLeaseThatEndsWhileTheStatementRunsProvesNothing() throws SQLException {
    Validator validator = leased();
    Before before = validator.before(decision);
    registry.clock.pass(Duration.ofSeconds(10));
    Lineage lineage = validator.release(Set.of(STORE), before, null);
    assertThat(lineage.leased()).isFalse();
    assertThat(registry.looks).isEqualTo(2);
    Before again = validator.before(decision);
    registry.clock.pass(Duration.ofSeconds(10));
    registry.certificate("REFRESHING", 8, 8);
    assertThatThrownBy(() -> validator.release(Set.of(STORE), again, null))
        .hasMessageContaining("[RG002]");
  }

  @Test
  void aLookThatSomebodyElseTookMeanwhileServesTheRelease() throws SQLException {
    Validator validator = leased();
    Before before = validator.before(decision);
    registry.clock.pass(Duration.ofSeconds(10));
    registry.certificate("CERTIFIED", 8, 7);
    registry.sentAfter(registry.clock.stamp());
    registry.clock.pass(Duration.ofSeconds(9));
    Lineage lineage = validator.release(Set.of(STORE), before, null);
    assertThat(lineage.text()).isEqualTo("ml.store_v=7..8 (leased)");
    assertThat(registry.looks).isEqualTo(2);
  }

  @Test
  void aLookThatSomebodyElseTookIsNoneWhereItsChainIsAnother() throws SQLException {
    Validator validator = leased();
    Before before = validator.before(decision);
    registry.clock.pass(Duration.ofSeconds(10));
    registry.certificate("CERTIFIED", 8, 8);
    registry.sentAfter(registry.clock.stamp());
    assertThatThrownBy(() -> validator.release(Set.of(STORE), before, null))
        .hasMessageContaining("[RG002]");
  }

  @Test
  void anAnswerThatComesWhenItsLeaseIsOverIsAskedForAgain() throws SQLException {
    Validator validator = leased();
    Before before = validator.before(decision);
    registry.clock.pass(Duration.ofSeconds(10));
    registry.answering = Duration.ofSeconds(9);
    assertThat(validator.release(Set.of(STORE), before, null).text()).isEqualTo("ml.store_v=7");
    assertThat(registry.looks).isEqualTo(2);
    registry.answering = Duration.ofSeconds(10);
    registry.clock.pass(Duration.ofSeconds(10));
    assertThatThrownBy(() -> validator.release(Set.of(STORE), before, null))
        .hasMessageContaining("takes longer than the lease")
        .hasMessageContaining("[RG003]");
    assertThat(registry.looks).isEqualTo(5);
    assertThat(execute(validator(Validation.ALWAYS, null), decision).text())
        .as("no lease, nothing to outlast")
        .isEqualTo("ml.store_v=7");
  }

  @Test
  void alwaysLooksAfterEachResultAndBeforeItOnlyWhenTheLastLookIsOld() throws SQLException {
    Validator validator = validator(Validation.ALWAYS, null);
    execute(validator, decision);
    assertThat(registry.looks).as("before and after").isEqualTo(2);
    registry.clock.pass(Duration.ofMillis(999));
    execute(validator, decision);
    assertThat(registry.looks).as("the look before may be a second old").isEqualTo(3);
    registry.clock.pass(Duration.ofSeconds(1));
    execute(validator, decision);
    assertThat(registry.looks).isEqualTo(5);
  }

  @Test
  void aPinIsNeverReleasedOnALease() throws SQLException {
    Validator validator = validator(Validation.LEASED, "7");
    assertThat(execute(validator, decision).leased()).isFalse();
    registry.certificate("CERTIFIED", 8, 7);
    assertThatThrownBy(() -> execute(validator, decision)).hasMessageContaining("[RG103]");
    Validator later = validator(Validation.LEASED, "8");
    assertThat(execute(later, decision).text()).isEqualTo("ml.store_v=8");
    Validator never = validator(Validation.LEASED, "9");
    assertThatThrownBy(() -> execute(never, decision)).hasMessageContaining("[RG103]");
  }

  @Test
  void aPinIsNotMetByTwoEndsOfAChain() throws SQLException {
    caller.state = TransactionState.OPEN;
    caller.isolation = "repeatable read";
    Validator validator = validator(Validation.LEASED, "8");
    registry.certificate("CERTIFIED", 7, 7);
    caller.snapshot = registry.look();
    registry.certificate("CERTIFIED", 8, 7);
    assertThatThrownBy(() -> execute(validator, decision)).hasMessageContaining("[RG103]");
    assertThat(execute(leased(), new Decision(Set.of(STORE), false)).text())
        .isEqualTo("ml.store_v=7..8 (leased)");
  }

  @Test
  void aLookAtAnotherServerIsNoAnswer() throws SQLException {
    Validator validator = leased();
    caller.own = ScriptedRegistry.server("another start");
    assertThatThrownBy(() -> execute(validator, decision))
        .hasMessageContaining("another server")
        .hasMessageContaining("[RG003]");
    assertThat(registry.reconnects).isEqualTo(1);
    registry.server = ScriptedRegistry.server("another start");
    assertThat(execute(validator, decision).leased()).isTrue();
  }

  @Test
  void aSideConnectionThatLandsElsewhereAfterTheResultIsNoAnswer() throws SQLException {
    Validator validator = validator(Validation.ALWAYS, null);
    Before before = validator.before(decision);
    registry.server = ScriptedRegistry.server("another start");
    assertThatThrownBy(() -> validator.release(Set.of(STORE), before, null))
        .hasMessageContaining("[RG003]");
  }

  @Test
  void aPromotedServerIsAskedForItsIdentityAgainUnderAKnownStatement() throws SQLException {
    Validator validator = leased();
    execute(validator, decision);
    caller.own = ScriptedRegistry.server("promoted");
    caller.forgetIdentity();
    registry.server = ScriptedRegistry.server("promoted");
    execute(validator, decision);
    assertThat(registry.looks).as("the look before was at the server that is no more").isEqualTo(2);
  }

  @Test
  void aSnapshotThatSawNoCertificateReleasesNothing() throws SQLException {
    Validator validator = leased();
    execute(validator, decision);
    caller.state = TransactionState.OPEN;
    caller.isolation = "serializable";
    caller.snapshot = registry.look(registry.row("REFRESHING", 6, 6));
    assertThatThrownBy(() -> execute(validator, decision)).hasMessageContaining("[RG002]");
    caller.isolation = "Read Committed";
    validator.transactionEnded();
    assertThat(execute(validator, decision).leased()).isTrue();
  }

  @Test
  void aStorePastItsWarnAgeIsSaidOnceAConnection() throws SQLException {
    AgeWarning ages = new AgeWarning();
    Certificate row = registry.row("CERTIFIED", 7, 7);
    assertThat(ages.saw(STORE, registry.look(row))).isEmpty();
    Certificate warned = ScriptedRegistry.withWarnAge(row, Duration.ofMinutes(50));
    assertThat(ages.saw(STORE, registry.look(warned)))
        .isEqualTo(
            "ml.store_v was certified 1 h ago, past its warn age of 50 min"
                + " (server time 2026-11-22T12:00:00Z). Run: refresher run ml.store_v");
    assertThat(ages.saw(STORE, registry.look(warned))).isEmpty();
    assertThat(
            new AgeWarning()
                .saw(
                    STORE,
                    registry.look(ScriptedRegistry.withWarnAge(row, Duration.ofMinutes(61)))))
        .isEmpty();
  }
}
