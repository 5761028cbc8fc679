package io.guardedjdbc.refresher.text;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** JSON text from and to maps, lists, strings, numbers and booleans. */
public final class Json {
  private static final JSON COMPACT = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);
  private static final JSON PRETTY = COMPACT.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  /** One line. */
  public static String compact(Object value) {
    return write(COMPACT, value);
  }

  /** Indented, for a document on stdout. */
  public static String pretty(Object value) {
    return write(PRETTY, value);
  }

  /** The value of a text that the server gave as JSON; null for null. */
  public static @Nullable Object read(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return COMPACT.anyFrom(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String write(JSON json, Object value) {
    try {
      return json.asString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
