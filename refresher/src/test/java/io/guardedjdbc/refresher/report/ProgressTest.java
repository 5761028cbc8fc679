package io.guardedjdbc.refresher.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.run.RunHeader;
import io.guardedjdbc.refresher.run.StepKind;
import io.guardedjdbc.refresher.run.StepResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Forecast USUAL =
      new Forecast(
          Map.of(
              "atomic ", Duration.ofSeconds(100),
              "atomic refresh s.a_mv", Duration.ofSeconds(30),
              "atomic refresh s.b_mv", Duration.ofSeconds(70),
              "staged ", Duration.ofSeconds(900)),
          Map.of(),
          "");

  private Instant now = Instant.EPOCH;
  private final InstantSource clock = () -> now;
  private final StringWriter written = new StringWriter();

  @Test
  void onATerminalTheLineSaysWhatIsLeftOfTheUsualTime() {
    play(new Paint(false, true, true));
    assertThat(written.toString())
        .contains("  … 0 of 2 · about 1 min 40 s left · refresh s.a_mv")
        .contains("  … 1 of 2 · about 1 min 10 s left · refresh s.b_mv");
  }

  @Test
  void aStepCountsAsFarAsItUsuallyTakesAndNoFurther() {
    TimeLeft left = new TimeLeft(USUAL.in("atomic"), clock);
    left.begins("refresh", "s.a_mv");
    now = now.plusSeconds(10);
    assertThat(left.text()).hasValue("about 1 min 30 s left");
    now = now.plusSeconds(500);
    assertThat(left.text()).hasValue("about 1 min 10 s left");
    left.ended("refresh", "s.a_mv");
    left.ended("refresh", "s.b_mv");
    assertThat(left.text()).isEmpty();
  }

  @Test
  void whereNoRunWasBeforeNothingIsGuessed() {
    assertThat(new TimeLeft(USUAL.in("blocking"), clock).text()).isEmpty();
    assertThat(new TimeLeft(Forecast.NONE, clock).text()).isEmpty();
  }

  @Test
  void elsewhereThereArePlainLinesAndNothingElse() {
    play(Paint.PLAIN);
    assertThat(written.toString())
        .doesNotContain("\r", "\u001b", "left", "…")
        .contains("refresh s.a_mv");
  }

  @Test
  void noColorTakesTheColoursAndNothingElse() {
    Map<String, String> xterm = Map.of("TERM", "xterm");
    assertThat(Paint.of(xterm, true, true)).isEqualTo(new Paint(true, true, true));
    assertThat(Paint.of(Map.of("TERM", "xterm", "NO_COLOR", "1"), true, true))
        .isEqualTo(new Paint(false, true, true));
    assertThat(Paint.of(Map.of("TERM", "xterm", "NO_COLOR", ""), true, false))
        .isEqualTo(new Paint(true, true, false));
    assertThat(Paint.of(Map.of("TERM", "dumb"), true, true)).isEqualTo(Paint.PLAIN);
    assertThat(Paint.of(Map.of(), true, true)).as("cron sets no TERM").isEqualTo(Paint.PLAIN);
    assertThat(Paint.of(xterm, false, true)).isEqualTo(Paint.PLAIN);
  }

  private void play(Paint paint) {
    try (RunText text = new RunText(new PrintWriter(written), paint, USUAL, clock)) {
      text.started(new RunHeader("s", "s.v", 1, "atomic", "PostgreSQL", 2));
      text.stepStarted(StepKind.REFRESH, "s.a_mv");
      now = now.plusSeconds(30);
      text.stepFinished(
          new StepResult(
              StepKind.REFRESH, "s.a_mv", "ok", Duration.ofSeconds(30), OptionalLong.of(5), ""));
      text.stepStarted(StepKind.REFRESH, "s.b_mv");
    }
  }
}
