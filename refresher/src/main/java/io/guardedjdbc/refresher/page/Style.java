package io.guardedjdbc.refresher.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Our style sheets: colours for light and dark, and what is drawn with them. */
public final class Style {
  private Style() {}

  /** Colours, for a picture that stands by itself. */
  public static String colors() {
    return resource("colors.css");
  }

  /** Boxes and arrows. */
  public static String graph() {
    return resource("graph.css");
  }

  /** A page around pictures and tables. */
  public static String page() {
    return resource("page.css");
  }

  private static String resource(String name) {
    try (InputStream in = Style.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
