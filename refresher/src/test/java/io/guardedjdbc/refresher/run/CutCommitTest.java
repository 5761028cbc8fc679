package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Door;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A network that breaks at COMMIT: before it reached the server, or after, with its answer lost.
 */
class CutCommitTest {
  private final Shop shop = Shop.withBriefLeases();
  private final Trial trial = new Trial(shop);
  private final Door door = new Door(shop.url(), this::pass);
  private final AtomicInteger commits = new AtomicInteger();
  private volatile boolean reachesTheServer;
  private volatile int cutAt;

  CutCommitTest() throws IOException, SQLException {}

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  /** An atomic run has one commit; a staged one closes, does three steps, and publishes. */
  @ParameterizedTest
  @CsvSource({
    "ATOMIC, 1, true, CERTIFIED",
    "ATOMIC, 1, false, ERROR",
    "STAGED, 1, true, ERROR",
    "STAGED, 1, false, ERROR",
    "STAGED, 3, true, ERROR",
    "STAGED, 5, true, CERTIFIED"
  })
  void theServerIsAskedWhetherItCommitted(
      PublishMode mode, int commit, boolean arrives, RunResult.Outcome outcome) throws Exception {
    reachesTheServer = arrives;
    cutAt = commit;
    trial.endure(
        mode,
        mode + " cut at commit " + commit + (arrives ? ", answer lost" : ", never sent"),
        PublishMode.ATOMIC,
        () -> {
          RunResult result =
              Trial.cycle(Trial.connector(door.url(), -1, point -> {}), mode, new ArrayList<>())
                  .run(io.guardedjdbc.refresher.config.StoreArgument.of("shop"));
          assertThat(result.outcome()).as(result.toString()).isEqualTo(outcome);
          assertThat(result.certificates().isEmpty())
              .isEqualTo(outcome != RunResult.Outcome.CERTIFIED);
          assertThat(commits.get()).isGreaterThanOrEqualTo(commit);
        });
  }

  /** The client's first COMMIT and each of the server's answers carry the word. */
  private Optional<String> pass(String piece, boolean fromClient) {
    boolean cut =
        fromClient != reachesTheServer
            && piece.contains("COMMIT\0")
            && commits.incrementAndGet() == cutAt;
    return cut ? Optional.empty() : Optional.of(piece);
  }
}
