package io.guardedjdbc.refresher.config;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code schema.name} in PostgreSQL's quoting, as the registry holds it: {@code ml.a_v}, {@code
 * "iPhone".listings}.
 */
public final class QualifiedName {
  /** What is allowed, as a phrase for messages. */
  public static final String ALLOWED =
      "schema.name as PostgreSQL quotes it (capitals and blanks need double quotes)";

  private static final String PART = "(?:[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")+\")";
  private static final String GLOB = "(?:[a-z_*][a-z0-9_$*]*|\"(?:[^\"]|\"\")+\")";
  private static final Pattern NAME = Pattern.compile(PART + "\\." + PART);
  private static final Pattern PATTERN = Pattern.compile(GLOB + "\\." + GLOB);

  private QualifiedName() {}

  /** The name, or empty when it is not qualified or not quoted as needed. */
  public static Optional<String> parse(String text) {
    return Optional.of(text.strip()).filter(name -> NAME.matcher(name).matches());
  }

  /** A name in which {@code *} stands for any characters, or empty. */
  public static Optional<String> parsePattern(String text) {
    return Optional.of(text.strip()).filter(name -> PATTERN.matcher(name).matches());
  }
}
