package io.guardedjdbc.refresher.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Exposition;
import org.junit.jupiter.api.Test;

class MetricTest {
  @Test
  void whatNamesMayHoldComesOutAsItWentIn() {
    String odd = "s.\"a\\n\\\"\nb\",c=\"{}";
    Metric metric = new Metric("some_metric", "A \\ and a\nline.").put(2, "store", odd, "kind", "");
    assertThat(Exposition.of(metric.toString()).samples())
        .containsOnlyKeys("some_metric{kind=, store=" + odd + "}");
  }

  @Test
  void largeAndSmallNumbersAreWrittenWithoutExponent() {
    assertThat(new Metric("m", "h").put(1_795_403_268.893788).toString())
        .endsWith("m 1795403268.893788\n");
    assertThat(new Metric("m", "h").put(100_000_000_000.0).toString()).endsWith("m 100000000000\n");
    assertThat(Exposition.of(new Metric("m", "h").put(1.0 / 0).toString()).samples())
        .containsEntry("m", Double.POSITIVE_INFINITY);
    assertThat(new Metric("m", "h").put(0.000001).toString()).endsWith("m 0.000001\n");
  }

  @Test
  void aFamilyWithoutAValueIsNotNamed() {
    assertThat(new Metric("m", "h").toString()).isEmpty();
  }
}
