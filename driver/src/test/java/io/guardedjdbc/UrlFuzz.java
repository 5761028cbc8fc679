package io.guardedjdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A URL without anything of ours means to pgjdbc what it meant before; one with ours is taken or
 * refused in our own words. Called by a fuzzer (profile {@code fuzz}).
 */
public final class UrlFuzz {
  private UrlFuzz() {}

  /** One input: what follows the prefix, in UTF-8. */
  public static void fuzzerTestOneInput(byte[] input) {
    String rest = new String(input, UTF_8);
    Object plain = parsed(GuardedUrl.PLAIN_PREFIX + rest);
    GuardedUrl guarded;
    try {
      guarded = GuardedUrl.parse(GuardedUrl.PREFIX, GuardedUrl.PREFIX + rest, null);
    } catch (SQLException e) {
      if (!(e instanceof GuardRefusal)) {
        throw new AssertionError(rest, e);
      }
      return;
    }
    Object ours = parsed(guarded.url());
    if (guarded.guard().isEmpty() && !plain.equals(ours)) {
      throw new AssertionError(rest + " became " + guarded.url());
    }
    if (ours instanceof Properties known
        && known.stringPropertyNames().stream().anyMatch(UrlFuzz::isOurs)) {
      throw new AssertionError("pgjdbc gets ours: " + guarded.url());
    }
  }

  private static boolean isOurs(String name) {
    return name.startsWith(GuardProperty.PREFIX);
  }

  /** What pgjdbc makes of a URL: properties, nothing, or (of a host that is empty) an exception. */
  private static Object parsed(String url) {
    try {
      Properties properties = Driver.parseURL(url, null);
      return properties == null ? "none" : properties;
    } catch (RuntimeException e) {
      return e.getClass();
    }
  }
}
