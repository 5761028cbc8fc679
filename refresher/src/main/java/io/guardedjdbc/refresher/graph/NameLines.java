package io.guardedjdbc.refresher.graph;

import java.util.ArrayList;
import java.util.List;

/** A name in lines that fit into a box, broken after {@code _} where that can be. */
final class NameLines {
  private static final int MOST_LINES = 4;

  private NameLines() {}

  /** The schema of {@code schema.name}, as quoted; empty where there is none. */
  static String schema(String name) {
    int dot = dot(name);
    return dot < 0 ? "" : name.substring(0, dot);
  }

  /** What follows the schema. */
  static String local(String name) {
    return name.substring(dot(name) + 1);
  }

  private static int dot(String name) {
    boolean quoted = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == '(') {
        return -1;
      } else if (!quoted && c == '.') {
        return i;
      }
    }
    return -1;
  }

  /** At most {@value #MOST_LINES} lines of at most {@code width} characters. */
  static List<String> of(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width && lines.size() < MOST_LINES - 1) {
      int cut = cut(rest, width);
      lines.add(rest.substring(0, cut));
      rest = rest.substring(cut);
    }
    lines.add(fit(rest, width));
    return lines;
  }

  /** The text, or its beginning and an ellipsis. */
  static String fit(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 1) + "…";
  }

  private static int cut(String text, int width) {
    for (int i = width; i > width / 3; i--) {
      if ("_,( .".indexOf(text.charAt(i - 1)) >= 0) {
        return i;
      }
    }
    return width;
  }
}
