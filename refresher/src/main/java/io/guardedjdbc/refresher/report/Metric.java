package io.guardedjdbc.refresher.report;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** One gauge with its values, in the text format of Prometheus (version 0.0.4). Not thread-safe. */
final class Metric {
  private final String name;
  private final String help;
  private final Map<String, String> values = new LinkedHashMap<>();

  Metric(String name, String help) {
    this.name = name;
    this.help = help;
  }

  /** A value; labels come as name and value in turn. */
  Metric put(double value, String... labels) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? "{" : ",").append(labels[i]).append("=\"");
      text.append(escaped(labels[i + 1]).replace("\"", "\\\"")).append('"');
    }
    values.put(text + (labels.length == 0 ? "" : "}"), plain(value));
    return this;
  }

  private static String plain(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  /** Nothing where there is no value. */
  @Override
  public String toString() {
    if (values.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
    text.append("# TYPE ").append(name).append(" gauge\n");
    values.forEach(
        (labels, value) -> text.append(name).append(labels).append(' ').append(value).append('\n'));
    return text.toString();
  }
}
