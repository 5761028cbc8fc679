package io.guardedjdbc.jmh;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured of one workload, by arm, one reading a round; and the table of it. */
final class Figures {
  /** One round of one arm, each per operation. */
  record Reading(double wallNanos, double cpuNanos, double bytes) {}

  private final String workload;
  private final Map<String, List<Reading>> byArm = new LinkedHashMap<>();

  Figures(String workload) {
    this.workload = workload;
  }

  void add(String arm, Reading reading) {
    byArm.computeIfAbsent(arm, key -> new ArrayList<>()).add(reading);
  }

  /** The first arm is what the others are divided by, round by round. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("### ")
        .append(workload)
        .append("\n\n")
        .append("| arm | rounds | wall: median (quartiles) | CPU: median (quartiles)")
        .append(" | CPU ÷ first arm | bytes |\n| --- | --- | --- | --- | --- | --- |\n");
    List<Reading> first = byArm.values().iterator().next();
    byArm.forEach(
        (arm, readings) -> {
          List<Double> ratios = new ArrayList<>();
          for (int round = 0; round < readings.size(); round++) {
            ratios.add(readings.get(round).cpuNanos() / first.get(round).cpuNanos());
          }
          text.append("| ")
              .append(
                  String.join(
                      " | ",
                      arm,
                      Integer.toString(readings.size()),
                      times(readings.stream().map(Reading::wallNanos).toList()),
                      times(readings.stream().map(Reading::cpuNanos).toList()),
                      plain(ratios),
                      count(quartile(readings.stream().map(Reading::bytes).toList(), 2))))
              .append(" |\n");
        });
    return text.append('\n').toString();
  }

  static String times(List<Double> nanos) {
    return time(quartile(nanos, 2))
        + " ("
        + time(quartile(nanos, 1))
        + " – "
        + time(quartile(nanos, 3))
        + ")";
  }

  private static String plain(List<Double> ratios) {
    return String.format(
        Locale.ROOT,
        "%.3f (%.3f – %.3f)",
        quartile(ratios, 2),
        quartile(ratios, 1),
        quartile(ratios, 3));
  }

  static double quartile(List<Double> values, int which) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double at = (sorted.length - 1) * which / 4.0;
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  static String time(double nanos) {
    if (nanos < 10_000) {
      return String.format(Locale.ROOT, "%.1f ns", nanos);
    }
    return nanos < 10_000_000
        ? String.format(Locale.ROOT, "%.1f µs", nanos / 1e3)
        : String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }

  static String count(double bytes) {
    return String.format(Locale.ROOT, "%,.0f", bytes);
  }
}
