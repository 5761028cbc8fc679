package io.guardedjdbc.refresher.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a SQL step may not say, told before anything runs. A courtesy for people, not a wall: the
 * transaction that runs the step is what keeps it all or nothing.
 */
final class SqlStepRules {
  private static final Pattern COMMENTS_AND_TEXT =
      Pattern.compile("--[^\\n]*|/\\*.*?\\*/|'(?:[^']|'')*'", Pattern.DOTALL);
  private static final Pattern BODIES =
      Pattern.compile("(\\$[a-z_]*\\$).*?\\1", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** What fails inside of a transaction, or ends it; in bodies of DO, too. */
  private static final Pattern NOT_IN_A_TRANSACTION =
      statement(
          "(?:^|;|\\$|\\b(?:begin|then|else|loop)\\b)",
          "commit|rollback|vacuum|alter\\s+system|(?:create|drop)\\s+(?:database|tablespace)"
              + "|create\\s+(?:unique\\s+)?index\\s+concurrently|drop\\s+index\\s+concurrently"
              + "|reindex\\b[^;]*\\bconcurrently|reindex(?:\\s*\\([^)]*\\))?\\s+(?:database|system|schema)"
              + "|alter\\s+table\\b[^;]*\\bconcurrently|cluster(?=\\s*(?:;|$))");

  private static final Pattern NOT_BY_A_STEP =
      statement("(?:^|;)", "begin|start|end|abort|savepoint|call|copy|set|reset");

  private SqlStepRules() {}

  static Optional<String> complaint(String sql) {
    String code = COMMENTS_AND_TEXT.matcher(sql).replaceAll(" ").strip();
    return Stream.of(
            NOT_IN_A_TRANSACTION.matcher(code),
            NOT_BY_A_STEP.matcher(BODIES.matcher(code).replaceAll(" ")))
        .filter(Matcher::find)
        .map(found -> found.group(1).replaceAll("\\s+", " "))
        .map(
            words ->
                "is not allowed: "
                    + words
                    + " can't be part of a run's transaction: use INSERT, UPDATE, DELETE or MERGE")
        .findFirst();
  }

  private static Pattern statement(String begin, String words) {
    return Pattern.compile(begin + "\\s*(" + words + ")(?!\\w)", Pattern.CASE_INSENSITIVE);
  }
}
