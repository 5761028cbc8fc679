package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.guardedjdbc.analysis.AnalysisFuzz;
import io.guardedjdbc.analysis.LexerFuzz;
import org.junit.jupiter.api.Test;

/** What fuzzing starts from breaks none of its targets; profile {@code fuzz} goes on from there. */
class FuzzSeedsTest {
  @Test
  void noSeedIsAFinding() {
    assertThatCode(
            () -> {
              FuzzSeeds.sql().forEach(LexerFuzz::fuzzerTestOneInput);
              FuzzSeeds.sql().forEach(AnalysisFuzz::fuzzerTestOneInput);
              FuzzSeeds.urls().forEach(UrlFuzz::fuzzerTestOneInput);
            })
        .doesNotThrowAnyException();
  }
}
