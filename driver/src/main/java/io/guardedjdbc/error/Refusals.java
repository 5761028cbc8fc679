package io.guardedjdbc.error;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one place where refusals get their words: what happened, which entrypoint, how old against
 * which limit or which gate, what to do next, the state. One line; UTC instants; never SQL text,
 * bind values or credentials.
 */
public final class Refusals {
  private static final String REFUSED = "Read refused: ";

  private Refusals() {}

  /** A refusal that says {@code what} happened and what to do {@code next}. */
  public static SQLException refusal(GuardState state, String what, String next) {
    return refusal(state, what, next, null);
  }

  /** The same with the failure that led to it; of that only type and SQLState are kept. */
  public static SQLException refusal(
      GuardState state, String what, String next, @Nullable Throwable cause) {
    String message = REFUSED + oneLine(what) + ". " + oneLine(next) + " [" + state.sqlState() + "]";
    Throwable kept = cause == null ? null : withoutMessage(cause);
    return state.retryable()
        ? new RefusedTransientException(state, message, kept)
        : new RefusedNonTransientException(state, message, kept);
  }

  /** What a refusal becomes where the guard only observes. */
  public static SQLWarning observed(SQLException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return new SQLWarning(
        "Would be refused: "
            + (message.startsWith(REFUSED) ? message.substring(REFUSED.length()) : message),
        refusal.getSQLState());
  }

  /** A connect refused for a bad property or URL; the message names it and what is allowed. */
  public static SQLException badProperty(String complaint) {
    return new RefusedNonTransientException(
        GuardState.PROPERTY,
        "Connect refused: " + oneLine(complaint) + " [" + GuardState.PROPERTY.sqlState() + "]",
        null);
  }

  /**
   * {@code 26 h 10 min}: the two largest units of a duration, which may be zero, never negative.
   */
  public static String age(Duration duration) {
    Duration d = duration.isNegative() ? Duration.ZERO : duration;
    long days = d.toDays();
    if (days >= 3) {
      return join(days, "d", d.toHoursPart(), "h");
    }
    if (d.toHours() > 0) {
      return join(d.toHours(), "h", d.toMinutesPart(), "min");
    }
    if (d.toMinutes() > 0) {
      return join(d.toMinutes(), "min", d.toSecondsPart(), "s");
    }
    if (d.toSeconds() > 0 || d.isZero()) {
      return d.toSeconds() + " s";
    }
    return d.toMillis() + " ms";
  }

  /** An instant in UTC to the second. */
  public static String utc(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String join(long large, String largeUnit, int small, String smallUnit) {
    String first = large + " " + largeUnit;
    return small == 0 ? first : first + " " + small + " " + smallUnit;
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\r\\n]+", " ").strip();
  }

  /** A server's message may carry values of rows: keep type and SQLState alone. */
  private static Throwable withoutMessage(Throwable cause) {
    if (cause instanceof GuardRefusal) {
      return cause;
    }
    if (cause instanceof SQLException sql) {
      return new SQLException(sql.getClass().getSimpleName(), sql.getSQLState());
    }
    return new SQLException(cause.getClass().getSimpleName());
  }
}
