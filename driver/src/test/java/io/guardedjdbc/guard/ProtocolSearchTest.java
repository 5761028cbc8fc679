package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.guard.Setting.Mutant;
import io.guardedjdbc.guard.Setting.Program;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every order in which two readers, a writer and the clocks can act in a small world, played
 * through with the real validator and the real rules.
 */
class ProtocolSearchTest {
  private static final Program LEASED = new Program(Validation.LEASED, 1, false, false);
  private static final Program AGAIN = new Program(Validation.LEASED, 2, false, false);
  private static final Program ALWAYS = new Program(Validation.ALWAYS, 1, false, false);
  private static final Program COMMITTED = new Program(Validation.LEASED, 2, true, false);
  private static final Program SNAPSHOT = new Program(Validation.LEASED, 1, true, true);
  private static final Program SNAPSHOT_TWICE = new Program(Validation.LEASED, 2, true, true);

  private static Setting world(int horizon, int begun, int lease, Program... programs) {
    return new Setting(
        horizon,
        begun,
        horizon + 1,
        List.of(lease),
        false,
        true,
        false,
        false,
        List.of(programs),
        Mutant.NONE);
  }

  static Stream<Arguments> worlds() {
    return Stream.of(
        Arguments.of("two readers on leases", world(2, 1, 1, LEASED, LEASED)),
        Arguments.of("a hot statement", world(3, 1, 1, AGAIN)),
        Arguments.of("clocks", world(3, 1, 1, LEASED).withClockFaults()),
        Arguments.of("read committed", world(3, 1, 1, COMMITTED)),
        Arguments.of("a snapshot", world(3, 1, 1, SNAPSHOT)),
        Arguments.of("a snapshot twice", world(3, 1, 1, SNAPSHOT_TWICE)),
        Arguments.of("closed and opened again", world(3, 2, 1, LEASED)),
        Arguments.of("always", world(1, 1, 1, ALWAYS, ALWAYS)),
        Arguments.of("ages", world(3, 1, 1, LEASED).ageing(3)),
        Arguments.of("a standby", world(2, 1, 1, LEASED).onStandby()),
        Arguments.of("old procedures", world(1, 2, 0, LEASED).withProcedures()),
        Arguments.of("lowered leases", world(3, 2, 2, LEASED).lowering(0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("worlds")
  void noStateBreaksAPromise(String name, Setting setting, TestReporter reporter) {
    long begin = System.nanoTime();
    Search.Found found = new Search(setting).run();
    reporter.publishEntry(
        name,
        found.states()
            + " states, "
            + found.releases()
            + " releases, "
            + (System.nanoTime() - begin) / 1_000_000
            + " ms");
    assertThat(found.broken()).as(() -> String.join("\n", found.trace())).isNull();
    assertThat(found.releases()).isPositive();
  }

  static Stream<Arguments> mutants() {
    return Stream.of(
        Arguments.of(Mutant.SECOND_LOOK, world(3, 1, 1, ALWAYS)),
        Arguments.of(Mutant.SENT_TOO_EARLY, world(3, 1, 1, ALWAYS)),
        Arguments.of(Mutant.AGE, world(3, 1, 1, LEASED).ageing(3)),
        Arguments.of(Mutant.WALL_CLOCK, world(4, 1, 1, LEASED).withClockFaults()),
        Arguments.of(Mutant.MONOTONIC_CLOCK, world(4, 1, 1, LEASED).withClockFaults()),
        Arguments.of(Mutant.CHAIN, world(3, 2, 1, ALWAYS)),
        Arguments.of(Mutant.SNAPSHOT_ROW, world(3, 1, 1, SNAPSHOT)),
        Arguments.of(Mutant.STANDBY, world(2, 1, 1, LEASED).onStandby()),
        Arguments.of(Mutant.LEASE_UNGRANTED, world(1, 1, 0, LEASED).withProcedures()),
        Arguments.of(Mutant.LEASE_WAIT, world(3, 1, 1, LEASED)),
        Arguments.of(Mutant.ATOMIC_WAIT, world(3, 2, 1, LEASED)),
        Arguments.of(Mutant.LOWERED_LEASE, world(3, 2, 2, LEASED).lowering(0)),
        Arguments.of(Mutant.COMPARE_AND_SET, world(3, 2, 1, LEASED)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mutants")
  void aBrokenProtectionBreaksAPromise(Mutant mutant, Setting setting, TestReporter reporter) {
    Search.Found found = new Search(setting.broken(mutant)).run();
    String trace = String.join("; ", found.trace());
    reporter.publishEntry(
        mutant.name(), found.states() + " states: " + found.broken() + ": " + trace);
    assertThat(found.broken()).isNotNull();
  }
}
