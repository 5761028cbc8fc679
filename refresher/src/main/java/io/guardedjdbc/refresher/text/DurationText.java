package io.guardedjdbc.refresher.text;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 24h}, {@code 10s}, {@code 1h30m}, {@code 500ms}, or ISO
 * 8601 ({@code PT24H}).
 */
public final class DurationText {
  /** What is allowed, as a phrase for messages. */
  public static final String ALLOWED = "a duration like 24h, 90m, 10s, 500ms, 7d or PT24H";

  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("(?:\\d{1,9}(?:ms|s|m|h|d))+");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private DurationText() {}

  /** The duration, or empty when the text is none; never negative. {@code 0} alone is zero. */
  public static Optional<Duration> parse(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT).replace(" ", "");
    if (word.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    if (word.startsWith("p")) {
      return iso(word);
    }
    if (!WHOLE.matcher(word).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    for (Matcher part = PART.matcher(word); part.find(); ) {
      Duration unit = UNITS.getOrDefault(part.group(2), Duration.ZERO);
      sum = sum.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
    }
    return Optional.of(sum);
  }

  /**
   * The duration that an option holds.
   *
   * @throws Failure {@link ExitCode#USAGE} when it is none, or zero
   */
  public static Duration required(String option, String text) {
    return parse(text)
        .filter(duration -> !duration.isZero())
        .orElseThrow(
            () -> new Failure(ExitCode.USAGE, option + " is '" + text + "'; expected " + ALLOWED));
  }

  private static Optional<Duration> iso(String word) {
    try {
      return Optional.of(Duration.parse(word)).filter(duration -> !duration.isNegative());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Short form with at most two units, for people: {@code 26 h 10 min}, {@code 3.2 s}, {@code 120
   * ms}.
   */
  public static String readable(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
    long minutes = duration.toMinutes();
    if (minutes < 60) {
      return two(minutes, "min", duration.toSecondsPart(), "s");
    }
    long hours = duration.toHours();
    if (hours < 72) {
      return two(hours, "h", duration.toMinutesPart(), "min");
    }
    return two(duration.toDays(), "d", duration.toHoursPart(), "h");
  }

  private static String two(long big, String bigUnit, long small, String smallUnit) {
    return small == 0 ? big + " " + bigUnit : big + " " + bigUnit + " " + small + " " + smallUnit;
  }
}
