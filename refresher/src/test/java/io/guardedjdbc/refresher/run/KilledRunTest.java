package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A refresher whose process is killed (SIGKILL): nothing of it is left to tidy up. */
class KilledRunTest {
  private static final String BACKENDS =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'guarded-jdbc refresher%' AND datname = current_database()";

  /** Questions, 5 ms or more apart. */
  private static final int PATIENCE = 2_000;

  private final Shop shop = Shop.withBriefLeases();
  private final Trial trial = new Trial(shop);

  KilledRunTest() throws SQLException {}

  /** At every point with the profile chaos, else at the first of some kinds. */
  @ParameterizedTest
  @EnumSource(PublishMode.class)
  void leavesACertifiedStateOrAClosedStoreAndTheNextRunHeals(PublishMode mode) throws Exception {
    List<String> points = trial.points(mode);
    Set<String> kinds =
        new HashSet<>(
            switch (mode) {
              case ATOMIC -> Set.of("audit.publish_certificate", "answer to commit");
              case STAGED -> Set.of("DELETE");
              case BLOCKING -> Set.of("REFRESH");
            });
    for (int i = 0; i < points.size(); i++) {
      if (Trial.WHOLE || kinds.remove(points.get(i))) {
        int point = i;
        String where = mode + " killed at " + i + " " + points.get(i) + " of " + points;
        trial.endure(
            mode, where, i % 4 == 0 ? mode : PublishMode.ATOMIC, () -> killAt(mode, point, where));
      }
    }
  }

  private void killAt(PublishMode mode, int point, String where) throws Exception {
    Process child = child(mode, point, Duration.ofSeconds(2));
    try (BufferedReader said = child.inputReader()) {
      assertThat(said.readLine()).as(where).startsWith("at ");
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(child.exitValue()).as(where).isEqualTo(128 + 9);
    awaitBackends("0");
  }

  /** Not when the statement is over, which may be in an hour. */
  @Test
  void itsBackendStillAtWorkNoticesAndLetsGoOfTheLock() throws Exception {
    trial.endure(
        PublishMode.ATOMIC,
        "killed while a statement runs",
        PublishMode.ATOMIC,
        () -> {
          try (Connection other = shop.connect();
              Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE");
            Process child = child(PublishMode.ATOMIC, 1_000_000, Duration.ofHours(1));
            await(BACKENDS + " AND wait_event_type = 'Lock'", "1");
            child.destroyForcibly().waitFor();
            awaitBackends("0");
            assertThat(Shop.ask(other, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                .isEqualTo("0");
            other.rollback();
          }
        });
  }

  private void awaitBackends(String count) throws SQLException {
    await(BACKENDS, count);
  }

  private void await(String question, String answer) throws SQLException {
    for (int polls = 0; !shop.ask(question).equals(answer); polls++) {
      assertThat(polls).as("asked often: " + question).isLessThan(PATIENCE);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private Process child(PublishMode mode, int point, Duration lockTimeout) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ChildRun.class.getName(),
            shop.url(),
            mode.name(),
            String.valueOf(point),
            lockTimeout.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
