package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What facts say of each statement of the corpus. */
class CorpusTest {
  private static final List<String> GUARDED = List.of("guarded_rel", "guarded_one");

  static Stream<Corpus.Line> lines() {
    return Corpus.lines();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void factsHoldWhatTheCorpusClaims(Corpus.Line line) {
    SqlFacts facts = Analyzer.analyze(line.sql(), true);
    assertThat(facts.unlexable()).isEqualTo(line.claim() == 'U');
    switch (line.claim()) {
      case 'R', 'K' -> {
        assertThat(mayRead(facts, "ml")).isTrue();
        assertThat(mayRead(facts, null)).isTrue();
      }
      case 'B' -> {
        assertThat(facts.mentions("guarded_rel")).isTrue();
        assertThat(mayRead(facts, "ml")).isFalse();
      }
      case 'N' -> assertThat(facts.mentions("guarded_rel")).isFalse();
      case 'L', 'Q' ->
          assertThat(
                  any(
                      facts,
                      part -> part.literalsMayRun() && part.literalNames().contains("guarded_rel")))
              .isTrue();
      case 'D' -> assertThat(any(facts, StatementFacts::runsComputedText)).isTrue();
      case 'P' -> assertThat(facts.passes()).isTrue();
      case 'U' -> assertThat(facts.mentions("anything")).isTrue();
      default -> throw new IllegalStateException("unknown code in the corpus");
    }
    if ("RBKNLU".indexOf(line.claim()) >= 0) {
      assertThat(facts.passes()).isFalse();
    }
    if (line.claim() != 'U') {
      assertThat(kinds(facts)).isEqualTo(line.kinds());
    }
  }

  @Test
  void corpusIsLargeEnough() {
    assertThat(Corpus.lines().count()).isGreaterThan(380);
    assertThat(Corpus.lines().filter(line -> line.claim() == 'R').count()).isGreaterThan(220);
    assertThat(Corpus.lines().filter(line -> line.claim() == 'B').count()).isGreaterThan(40);
  }

  /** A relation that the map does not know yet must lead to a look at the catalog. */
  @ParameterizedTest
  @MethodSource("lines")
  void guardedNameIsAlsoACandidateForUnknownNames(Corpus.Line line) {
    if (line.claim() != 'R') {
      return;
    }
    SqlFacts facts = Analyzer.analyze(line.sql(), true);
    boolean candidate = false;
    for (String name : GUARDED) {
      candidate |= any(facts, part -> part.unknownCandidates().contains(name));
    }
    assertThat(candidate).isTrue();
  }

  private static boolean mayRead(SqlFacts facts, @Nullable String schema) {
    return any(facts, part -> GUARDED.stream().anyMatch(name -> part.mayBeRelation(name, schema)));
  }

  private static boolean any(SqlFacts facts, Predicate<StatementFacts> predicate) {
    return facts.parts().stream().anyMatch(predicate);
  }

  private static String kinds(SqlFacts facts) {
    return facts.parts().stream()
        .map(part -> part.inner() == null ? "" + part.kind() : part.kind() + " " + part.inner())
        .collect(Collectors.joining("+"));
  }
}
