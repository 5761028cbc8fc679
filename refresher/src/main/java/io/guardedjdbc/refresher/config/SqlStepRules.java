package io.guardedjdbc.refresher.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a SQL step may not say, told before anything runs. A courtesy for people, not a wall: the
 * transaction that runs the step is what keeps it all or nothing.
 */
final class SqlStepRules {
  private static final Pattern COMMENTS_AND_TEXT =
      Pattern.compile("--[^\\n]*|/\\*.*?\\*/|'(?:[^']|'')*'", Pattern.DOTALL);
  private static final Pattern NOT_ALLOWED =
      Pattern.compile(
          "(?:^|;)\\s*(commit|rollback|begin|start|end|abort|savepoint|vacuum|call|copy|set|reset)\\b",
          Pattern.CASE_INSENSITIVE);

  private SqlStepRules() {}

  static Optional<String> complaint(String sql) {
    Matcher found = NOT_ALLOWED.matcher(COMMENTS_AND_TEXT.matcher(sql).replaceAll(" ").strip());
    if (!found.find()) {
      return Optional.empty();
    }
    String word = found.group(1).toUpperCase(java.util.Locale.ROOT);
    return Optional.of(
        "is not allowed: "
            + word
            + " can't be part of a run's transaction: use INSERT, UPDATE, DELETE or MERGE");
  }
}
