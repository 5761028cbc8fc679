package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.text.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How long a run will still take: its usual time, by the share of the usual times of its steps that
 * are not done yet. Steps side by side count as they did before.
 */
final class TimeLeft {
  private final Forecast forecast;
  private final InstantSource clock;
  private volatile Duration done = Duration.ZERO;
  private volatile Duration now = Duration.ZERO;
  private volatile Instant begin;

  TimeLeft(Forecast forecast, InstantSource clock) {
    this.forecast = forecast;
    this.clock = clock;
    this.begin = clock.instant();
  }

  void begins(String kind, String object) {
    now = forecast.of(kind, object).orElse(Duration.ZERO);
    begin = clock.instant();
  }

  void ended(String kind, String object) {
    done = done.plus(forecast.of(kind, object).orElse(Duration.ZERO));
    now = Duration.ZERO;
  }

  /** Empty where there was no such run before, or this one takes longer than they did. */
  Optional<String> text() {
    double sum = forecast.sum().toMillis();
    Duration running = Duration.between(begin, clock.instant());
    double current = Math.min(now.toMillis(), running.toMillis());
    double share = sum == 0 ? 1 : (done.toMillis() + current) / sum;
    return forecast
        .whole()
        .map(whole -> Math.round(whole.toMillis() * (1 - share) / 1e3))
        .filter(seconds -> seconds > 0)
        .map(
            seconds ->
                "about "
                    + DurationText.readable(Duration.ofSeconds(seconds)).replace(".0 s", " s")
                    + " left");
  }
}
