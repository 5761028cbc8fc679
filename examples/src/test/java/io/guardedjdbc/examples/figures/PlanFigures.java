package io.guardedjdbc.examples.figures;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** A plan in a catalog of many relations. */
final class PlanFigures {
  private final FigureStore store;

  PlanFigures(FigureStore store) {
    this.store = store;
  }

  void measure(Figures figures, int relations, int rounds) throws Exception {
    fill(relations);
    Spread plan = new Spread();
    for (int round = 0; round < rounds; round++) {
      plan.add(FigureServer.millis(() -> store.command("plan", "survival")));
    }
    figures.row(
        String.format(Locale.ROOT, "plan in a catalog of %,d relations", relations),
        plan.toString(),
        "in this process, connections included; aim below 2,000 ms");
  }

  /** Tables, views on them and on the store's views; one commit a thousand. */
  private void fill(int relations) throws SQLException {
    Connection connection = store.connection();
    FigureServer.run(connection, "CREATE SCHEMA many");
    for (int first = 0; first < relations; first += 1000) {
      FigureServer.run(
          connection,
          "DO $$ BEGIN FOR i IN "
              + first
              + ".."
              + (Math.min(relations, first + 1000) - 1)
              + " LOOP EXECUTE format(CASE WHEN i % 2 = 0 THEN 'CREATE TABLE many.r%1$s (a int, b text, c timestamptz)'"
              + " WHEN i % 20 = 1 THEN 'CREATE VIEW many.r%1$s AS SELECT generation, listing_id FROM ml.tom_features_v1_mv'"
              + " ELSE 'CREATE VIEW many.r%1$s AS SELECT a, b FROM many.r%2$s' END, i, i - 1); END LOOP; END $$");
    }
    FigureServer.run(connection, "ANALYZE");
  }
}
