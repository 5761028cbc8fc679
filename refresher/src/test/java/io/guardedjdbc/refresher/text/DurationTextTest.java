package io.guardedjdbc.refresher.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "24h,PT24H",
    "10s,PT10S",
    "1h30m,PT1H30M",
    "500ms,PT0.5S",
    "7d,PT168H",
    "PT24H,PT24H",
    "0,PT0S",
    "2 h,PT2H"
  })
  void readsDurations(String text, Duration expected) {
    assertThat(DurationText.parse(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "h", "24", "soon", "-1h", "PT-1H", "1h2", "99999999999h", "1y", "p"})
  void readsNothingElse(String text) {
    assertThat(DurationText.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.12S,120 ms",
    "PT3.2S,3.2 s",
    "PT26H10M,26 h 10 min",
    "PT24H,24 h",
    "PT1M5S,1 min 5 s",
    "PT96H,4 d"
  })
  void writesForPeople(Duration duration, String expected) {
    assertThat(DurationText.readable(duration)).isEqualTo(expected);
  }

  @Test
  void findsTheNearestWord() {
    List<String> words = List.of("max_age", "lease", "entrypoint");
    assertThat(Nearest.to("maxage", words)).contains("max_age");
    assertThat(Nearest.to("laese", words)).contains("lease");
    assertThat(Nearest.to("zzzzzzzz", words)).isEmpty();
  }
}
