package io.guardedjdbc.examples.figures;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measured values of one kind, in milliseconds. */
final class Spread {
  private final List<Double> values = new ArrayList<>();

  /** Callable while another thread adds. */
  synchronized boolean isEmpty() {
    return values.isEmpty();
  }

  synchronized void add(double millis) {
    values.add(millis);
  }

  double median() {
    return quantile(0.5);
  }

  /** The value below which this part of all lies. */
  synchronized double quantile(double part) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, (int) (part * sorted.size())));
  }

  /** Median, least and most. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.0f ms (%.0f to %.0f)", median(), quantile(0), quantile(1));
  }
}
