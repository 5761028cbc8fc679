package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that loses its connections, all or one, at each of its points. */
class StoppedRunTest {
  private final Shop shop = Shop.withBriefLeases();
  private final Trial trial = new Trial(shop);

  StoppedRunTest() throws SQLException {}

  @Test
  void anAtomicRunLeavesTheOldStateCertifiedOrTheNewOne() throws Exception {
    assertThat(stopEverywhere(PublishMode.ATOMIC, "", point -> true))
        .containsOnlyOnce("audit.publish_certificate", "commit", "answer to commit");
  }

  @Test
  void aStagedRunLeavesTheStoreClosedOnceItHasBegun() throws Exception {
    assertThat(stopEverywhere(PublishMode.STAGED, "", point -> true))
        .containsSubsequence("audit.revoke", "commit", "REFRESH", "commit", "DELETE", "commit")
        .endsWith("audit.publish_certificate", "commit", "answer to commit", "audit.finish_run");
  }

  @Test
  void aBlockingRunDoesTheSame() throws Exception {
    assertThat(stopEverywhere(PublishMode.BLOCKING, "", "REFRESH"::equals)).contains("REFRESH");
  }

  /** The work, the history, or the workers: the rest of the run goes on until it notices. */
  @ParameterizedTest
  @CsvSource({"ATOMIC, shop", "ATOMIC, history", "STAGED, shop", "STAGED, worker"})
  void aBackendThatIsTerminatedAloneDoesNoMore(PublishMode mode, String which) throws Exception {
    stopEverywhere(
        mode,
        which,
        point ->
            Trial.WHOLE || point.equals("REFRESH") || point.equals("audit.publish_certificate"));
  }

  private List<String> stopEverywhere(PublishMode mode, String which, Predicate<String> here)
      throws Exception {
    List<String> points = trial.points(mode);
    for (int i = 0; i < points.size(); i++) {
      if (here.test(points.get(i))) {
        int point = i;
        String where = mode + " stopped at " + i + " " + points.get(i) + " of " + points;
        trial.endure(
            mode,
            where,
            i % 4 == 0 ? mode : PublishMode.ATOMIC,
            () -> trial.run(mode, point, BreakingConnector.terminated(shop, which)));
      }
    }
    return points;
  }
}
