package io.guardedjdbc.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ObservationsTest {
  @Test
  void logsEachChangeOnce() {
    Observations observations = new Observations();
    assertThat(observations.saw("ml.a", "", "")).isFalse();
    assertThat(observations.saw("ml.a", "RG001", "aged")).isTrue();
    assertThat(observations.saw("ml.a", "RG001", "aged a bit more")).isFalse();
    assertThat(observations.saw("ml.b", "RG001", "aged")).isTrue();
    assertThat(observations.saw("ml.a", "RG101", "failed")).isTrue();
    assertThat(observations.saw("ml.a", "", "")).isTrue();
    assertThat(observations.saw("ml.a", "", "")).isFalse();
  }
}
