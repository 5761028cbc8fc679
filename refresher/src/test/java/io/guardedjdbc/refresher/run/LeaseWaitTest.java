package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.Stamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a writer waits for leases that are out. */
class LeaseWaitTest {
  private static final Duration WAIT = Duration.ofSeconds(10);

  private final SetClock clock = new SetClock();
  private final List<Duration> pauses = new ArrayList<>();

  @Test
  void aQuarterLongerThanTheLeaseAndATenthOfASecond() {
    assertThat(LeaseWait.after(Duration.ofSeconds(10))).isEqualTo(Duration.ofMillis(12_600));
    assertThat(LeaseWait.after(Duration.ZERO)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void endsWhenBothClocksHaveAdvancedByIt() {
    await(pause -> clock.advance(pause, pause));
    assertThat(pauses).hasSize(1);
  }

  @Test
  void aWallClockThatIsSetForwardShortensNothing() {
    await(pause -> clock.advance(Duration.ofSeconds(4), Duration.ofHours(1)));
    assertThat(pauses).hasSize(3);
  }

  @Test
  void aMonotonicClockThatRanThroughWhileTheWallClockWasSetBackShortensNothing() {
    clock.advance(Duration.ZERO, Duration.ofSeconds(-3));
    await(pause -> clock.advance(Duration.ofSeconds(6), Duration.ofSeconds(5)));
    assertThat(pauses).hasSize(2);
  }

  @Test
  void whatPassedSinceTheCommitCounts() {
    Stamp confirmed = clock.stamp();
    clock.advance(WAIT, WAIT);
    new LeaseWait(clock, pauses::add).await(confirmed, WAIT);
    assertThat(pauses).isEmpty();
  }

  private void await(java.util.function.Consumer<Duration> meanwhile) {
    Stamp confirmed = clock.stamp();
    new LeaseWait(
            clock,
            pause -> {
              pauses.add(pause);
              meanwhile.accept(pause);
            })
        .await(confirmed, WAIT);
  }

  private static final class SetClock implements ReaderClock {
    private Duration monotonic = Duration.ofDays(1);
    private Duration wall = Duration.ofDays(20_000);

    void advance(Duration byMonotonic, Duration byWall) {
      monotonic = monotonic.plus(byMonotonic);
      wall = wall.plus(byWall);
    }

    @Override
    public long monotonicNanos() {
      return monotonic.toNanos();
    }

    @Override
    public long wallMillis() {
      return wall.toMillis();
    }
  }
}
