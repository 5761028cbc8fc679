package io.guardedjdbc.jmh;

import io.guardedjdbc.catalog.GuardMapLoad;
import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.catalog.MapAge;
import io.guardedjdbc.catalog.Registered;
import io.guardedjdbc.catalog.SharedGuardMap;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the guard map of the crowded database again and again, and keeps all. */
final class MapLoad {
  private MapLoad() {}

  /** Two lines of a table. */
  static String markdown(Store store, int loads) throws SQLException {
    List<SharedGuardMap> kept = new ArrayList<>();
    List<Double> nanos = new ArrayList<>();
    try (Connection connection = store.postgres().connect(store.crowded())) {
      load(connection);
      long before = used();
      for (int i = 0; i < loads; i++) {
        long begin = System.nanoTime();
        kept.add(load(connection));
        nanos.add((double) (System.nanoTime() - begin));
      }
      long bytes = (used() - before) / kept.size();
      return "### Guard map with %,d relations\n\n".formatted(Store.RELATIONS)
          + "| loads | time: median (quartiles) | bytes kept |\n| --- | --- | --- |\n| "
          + String.join(" | ", Integer.toString(loads), Figures.times(nanos), Figures.count(bytes))
          + " |\n\n";
    }
  }

  private static SharedGuardMap load(Connection connection) throws SQLException {
    Registered nobodyAsks = (nanos, reader) -> new Registered.Rows(Set.of(), nanos);
    SharedGuardMap map = new SharedGuardMap(GuardMapOptions.DEFAULT, System::nanoTime, nobodyAsks);
    GuardMapLoad load =
        map.refreshIfChanged(reading -> reading.on(connection), MapAge.OF_KNOWN_NAMES);
    if (!(load instanceof GuardMapLoad.Loaded)) {
      throw new IllegalStateException(load.toString());
    }
    return map;
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
