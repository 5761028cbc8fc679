package io.guardedjdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
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
    Properties plain = parsed(GuardedUrl.PLAIN_PREFIX + rest);
    GuardedUrl guarded;
    try {
      guarded = GuardedUrl.parse(GuardedUrl.PREFIX, GuardedUrl.PREFIX + rest, null);
    } catch (SQLException e) {
      if (!(e instanceof GuardRefusal)) {
        throw new AssertionError(rest, e);
      }
      return;
    }
    Properties ours = parsed(guarded.url());
    if (guarded.guard().isEmpty() && !Objects.equals(plain, ours)) {
      throw new AssertionError(rest + " became " + guarded.url());
    }
    if (ours != null && ours.stringPropertyNames().stream().anyMatch(UrlFuzz::isOurs)) {
      throw new AssertionError("pgjdbc gets ours: " + guarded.url());
    }
  }

  private static boolean isOurs(String name) {
    return name.startsWith(GuardProperty.PREFIX);
  }

  private static @Nullable Properties parsed(String url) {
    return Driver.parseURL(url, null);
  }
}
