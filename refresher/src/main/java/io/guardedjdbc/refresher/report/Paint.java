package io.guardedjdbc.refresher.report;

import java.util.Map;

/**
 * What the place that we write to can show.
 *
 * @param color ANSI colours
 * @param live whether a line may be written over: a terminal
 * @param unicode marks beyond ASCII
 */
public record Paint(boolean color, boolean live, boolean unicode) {
  /** A file, a pipe, a log. */
  public static final Paint PLAIN = new Paint(false, false, false);

  private static final String RESET = "\u001b[0m";

  /**
   * What standard output can show.
   *
   * @param terminal whether it is one
   * @param unicode whether its character set has more than ASCII
   */
  public static Paint of(Map<String, String> env, boolean terminal, boolean unicode) {
    boolean live = terminal && !env.getOrDefault("TERM", "dumb").equals("dumb");
    return new Paint(live && env.getOrDefault("NO_COLOR", "").isEmpty(), live, live && unicode);
  }

  /** Something well. */
  public String good(String text) {
    return color ? "\u001b[32m" + text + RESET : text;
  }

  /** Something wrong. */
  public String bad(String text) {
    return color ? "\u001b[1;31m" + text + RESET : text;
  }

  /** Something to look at. */
  public String warn(String text) {
    return color ? "\u001b[33m" + text + RESET : text;
  }

  /** Something beside the point. */
  public String dim(String text) {
    return color ? "\u001b[2m" + text + RESET : text;
  }

  /** Something to see first. */
  public String strong(String text) {
    return color ? "\u001b[1m" + text + RESET : text;
  }

  /** A mark of six characters on plain output, one on others. */
  public String mark(String outcome) {
    return switch (outcome) {
      case "passed", "ok" -> good(unicode ? "✓" : "ok    ");
      case "warned" -> warn(unicode ? "!" : "WARN  ");
      default -> bad(unicode ? "✗" : "FAILED");
    };
  }

  /** Separates the parts of a headline. */
  public String dot() {
    return unicode ? " · " : ", ";
  }
}
