package io.guardedjdbc.refresher.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Round places on an axis of time. */
final class Ticks {
  private static final List<Duration> STEPS =
      Stream.of(
              "PT1S", "PT5S", "PT15S", "PT30S", "PT1M", "PT2M", "PT5M", "PT15M", "PT30M", "PT1H",
              "PT2H", "PT3H", "PT6H", "PT12H", "P1D", "P2D", "P5D", "P10D", "P30D", "P90D", "P365D")
          .map(Duration::parse)
          .toList();
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Ticks() {}

  /** The smallest round step of which at most so many fit. */
  static Duration step(Duration whole, int most) {
    return STEPS.stream()
        .filter(step -> step.multipliedBy(most).compareTo(whole) >= 0)
        .findFirst()
        .orElse(whole);
  }

  /** Multiples of the step, from 0. */
  static List<Duration> lengths(Duration whole, int most) {
    Duration step = step(whole, most);
    List<Duration> all = new ArrayList<>();
    for (Duration at = Duration.ZERO; at.compareTo(whole) <= 0; at = at.plus(step)) {
      all.add(at);
    }
    return all;
  }

  /** Round moments in between, in UTC. */
  static List<Instant> moments(Instant from, Instant to, int most) {
    long step = Math.max(1, step(Duration.between(from, to), most).toSeconds());
    List<Instant> all = new ArrayList<>();
    for (long at = -Math.floorDiv(-from.getEpochSecond(), step) * step;
        at <= to.getEpochSecond();
        at += step) {
      all.add(Instant.ofEpochSecond(at));
    }
    return all;
  }

  /** A day, or the time of the day where it is not midnight. */
  static String text(Instant moment) {
    return moment.getEpochSecond() % 86_400 == 0 ? DAY.format(moment) : MINUTE.format(moment);
  }
}
