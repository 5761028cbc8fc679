package io.guardedjdbc.jmh;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What preparing a statement costs that nobody has seen before; nothing is sent. */
final class FirstSight {
  private static final int STATEMENTS = 1_000;
  private static int texts;

  private FirstSight() {}

  /** Nanoseconds of each of a thousand, by the wall's clock and of the processor. */
  record Nanos(List<Double> wall, List<Double> cpu) {}

  static Nanos measure(Arm arm, String server) throws SQLException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (Connection connection = arm.connect(server)) {
      connection.prepareStatement(next()).close();
      List<Double> wall = new ArrayList<>();
      List<Double> cpu = new ArrayList<>();
      for (int i = 0; i < STATEMENTS; i++) {
        String text = next();
        long cpuBegin = threads.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        connection.prepareStatement(text).close();
        wall.add((double) (System.nanoTime() - begin));
        cpu.add((double) (threads.getCurrentThreadCpuTime() - cpuBegin));
      }
      return new Nanos(sorted(wall), sorted(cpu));
    }
  }

  private static List<Double> sorted(List<Double> nanos) {
    return nanos.stream().sorted().toList();
  }

  /** As training code has them: a join of a store with labels, and conditions. */
  private static String next() {
    int n = texts++;
    return """
        WITH wanted%1$d AS (SELECT id, day FROM ml.store_v WHERE price > %1$d AND sold)
        SELECT s.id, s.score, s.title, avg(s.ratio) OVER (PARTITION BY s.day ORDER BY s.at) AS m%1$d
        FROM ml.store_v s JOIN wanted%1$d w ON w.id = s.id AND w.day = s.day
        WHERE s.small IN (1, 2, %1$d) AND s.title LIKE 'text %1$d%%' AND s.id = ?
        ORDER BY s.at DESC LIMIT 100"""
        .formatted(n);
  }
}
