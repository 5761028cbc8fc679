package io.guardedjdbc.examples.figures;

import io.guardedjdbc.examples.survival.SurvivalSize;
import io.guardedjdbc.examples.survival.SurvivalStore;
import io.guardedjdbc.refresher.RefresherApp;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.report.Paint;
import io.guardedjdbc.refresher.run.Interruption;
import io.guardedjdbc.refresher.run.RunCycle;
import io.guardedjdbc.refresher.run.RunLimits;
import io.guardedjdbc.refresher.run.RunListener;
import io.guardedjdbc.refresher.run.RunOptions;
import io.guardedjdbc.refresher.run.RunResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The survival store, certified. Its six T0 views are the store's to refresh; the base views below
 * them are input, as in the runbook.
 */
final class FigureStore {
  static final List<String> BASE_VIEWS =
      List.of(
          "ml.tom_features_v1_mv",
          "ml.tom_features_v1_enriched_mv",
          "ml.tom_features_v1_enriched_clean_mv",
          "ml.sold_durations_v1_mv");

  static final List<String> SIX_VIEWS =
      List.of(
          "ml.tom_speed_anchor_asof_v1_mv",
          "ml.tom_features_v1_enriched_speed_t0_v1_mv",
          "ml.tom_features_v1_enriched_ai_clean_t0_v1_mv",
          "ml.iphone_image_features_unified_t0_v1_mv",
          "ml.v_damage_fusion_features_v2_scored_t0_v1_mv",
          "ml.iphone_device_meta_encoded_t0_v1_mv");

  private final FigureServer server;
  private final Connection connection;

  FigureStore(FigureServer server, int listings) throws SQLException, IOException {
    this.server = server;
    this.connection = server.connect("figures");
    FigureServer.run(connection, "SET TimeZone = 'UTC'; SET synchronous_commit = on");
    SurvivalStore.create(connection, SurvivalSize.of(listings));
    Path file = Files.createTempDirectory("figures").resolve("survival.yaml");
    Files.writeString(
        file,
        SurvivalStore.configuration().replace("lease: 10s", "lease: 100ms")
            + "\ninputs:"
            + BASE_VIEWS.stream()
                .map(view -> "\n  - pattern: " + view + "\n    reason: refreshed before")
                .collect(Collectors.joining())
            + "\n");
    command("init", file.toString());
    command("baseline", "propose", "survival");
    command("baseline", "approve", "1", "2", "--reviewer", "figures", "--reason", "as generated");
    command("run", "survival");
    FigureServer.run(connection, "VACUUM ANALYZE");
  }

  Connection connection() {
    return connection;
  }

  /** A command line that must succeed; gives what it printed. */
  String command(String... args) {
    StringWriter out = new StringWriter();
    RefresherApp app =
        new RefresherApp(Map.of("GUARDED_URL", server.url()), InstantSource.system(), Paint.PLAIN);
    int code = app.execute(new PrintWriter(out), new PrintWriter(out), args);
    if (code != 0) {
      throw new AssertionError(String.join(" ", args) + ": exit " + code + "\n" + out);
    }
    return out.toString();
  }

  /** New prices for the listings of the last weeks, up to the base views. */
  void changeInput() throws SQLException {
    FigureServer.run(
        connection,
        "UPDATE \"iPhone\".iphone_listings SET price = price + 1"
            + " WHERE edited_date > (SELECT max(edited_date) FROM \"iPhone\".iphone_listings) - interval '20 days'");
    for (String view : BASE_VIEWS) {
      FigureServer.run(connection, "REFRESH MATERIALIZED VIEW CONCURRENTLY " + view);
    }
    FigureServer.runAll(connection, List.of("VACUUM ANALYZE", "CHECKPOINT"));
  }

  RunResult run(PublishMode mode, int parallel, RunListener listener) {
    RunOptions options =
        new RunOptions(
            true,
            Optional.of(mode),
            parallel,
            RunLimits.ofLocks(Duration.ofSeconds(10), 3),
            "figures",
            "figures");
    RunResult result =
        new RunCycle(
                Target.of(server.url(), null, Map.of()),
                options,
                listener,
                new Interruption(),
                InstantSource.system())
            .run(StoreArgument.of("survival"));
    if (result.outcome() != RunResult.Outcome.CERTIFIED) {
      throw new AssertionError(result.toString());
    }
    return result;
  }
}
