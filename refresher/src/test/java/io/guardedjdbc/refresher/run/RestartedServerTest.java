package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.testing.Restart;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that is stopped at once, as by a crash, and started again while a run is at work. */
class RestartedServerTest {
  private final EmbeddedPostgres server = Postgres.own(18);
  private final Shop shop = Shop.withBriefLeasesOn(server.getPort());
  private final Trial trial = new Trial(shop);

  RestartedServerTest() throws IOException, SQLException {}

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void leavesACertifiedStateOrAClosedStoreAndTheNextRunHeals() throws Exception {
    everywhere(PublishMode.ATOMIC, Set.of("audit.publish_certificate", "answer to commit"));
    everywhere(PublishMode.STAGED, Set.of("DELETE"));
    everywhere(PublishMode.BLOCKING, Set.of());
  }

  private void everywhere(PublishMode mode, Set<String> some) throws Exception {
    if (!Trial.WHOLE && some.isEmpty()) {
      return;
    }
    List<String> points = trial.points(mode);
    Set<String> kinds = new HashSet<>(some);
    for (int i = 0; i < points.size(); i++) {
      if (Trial.WHOLE || kinds.remove(points.get(i))) {
        int point = i;
        trial.endure(
            mode,
            mode + ", server restarted at " + i + " " + points.get(i) + " of " + points,
            i % 4 == 0 ? mode : PublishMode.ATOMIC,
            () -> trial.run(mode, point, name -> restart()));
      }
    }
  }

  private void restart() throws SQLException {
    Restart.of(shop.ask("SHOW data_directory"), "immediate");
  }
}
