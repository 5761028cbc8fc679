package io.guardedjdbc.refresher.testing;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text format of Prometheus, version 0.0.4, read more strictly than Prometheus does: every
 * family has HELP, then TYPE, then its samples, all in one place, none twice; gauges alone.
 */
public record Exposition(Map<String, Double> samples, Map<String, String> help) {
  private static final String NAME = "[a-z][a-z0-9_]*";
  private static final Pattern HELP =
      Pattern.compile("# HELP (" + NAME + ") ((?:[^\\\\]|\\\\[\\\\n])+)");
  private static final Pattern TYPE = Pattern.compile("# TYPE (" + NAME + ") gauge");
  private static final Pattern SAMPLE =
      Pattern.compile("(" + NAME + ")(?:\\{(.*)\\})? (-?\\d+(?:\\.\\d+)?|NaN|[+-]Inf)");
  private static final Pattern LABEL =
      Pattern.compile("\\G(" + NAME + ")=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\"(?:,(?!$)|$)");

  /** Reads it, or says which line is wrong. */
  public static Exposition of(String text) {
    if (!text.endsWith("\n")) {
      throw new AssertionError("the last line has no end");
    }
    Map<String, Double> samples = new LinkedHashMap<>();
    Map<String, String> help = new LinkedHashMap<>();
    Set<String> typed = new HashSet<>();
    String family = "";
    for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
      Matcher helping = HELP.matcher(line);
      Matcher typing = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (helping.matches()) {
        family = helping.group(1);
        require(help.put(family, helping.group(2)) == null, "a family comes twice", line);
      } else if (typing.matches()) {
        require(typing.group(1).equals(family) && typed.add(family), "TYPE follows HELP", line);
      } else {
        require(sample.matches(), "neither HELP, TYPE nor sample", line);
        require(sample.group(1).equals(family) && typed.contains(family), "not its place", line);
        String key = family + labels(sample.group(2) == null ? "" : sample.group(2), line);
        require(samples.put(key, value(sample.group(3))) == null, "a sample comes twice", line);
      }
    }
    return new Exposition(samples, help);
  }

  private static double value(String text) {
    return text.endsWith("Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }

  private static String labels(String text, String line) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    int end = 0;
    while (end < text.length() && label.find()) {
      String value =
          label
              .group(2)
              .replace("\\\\", "\u0000")
              .replace("\\n", "\n")
              .replace("\\\"", "\"")
              .replace("\u0000", "\\");
      require(labels.put(label.group(1), value) == null, "a label comes twice", line);
      end = label.end();
    }
    require(end == text.length(), "broken labels", line);
    return labels.isEmpty() ? "" : labels.toString();
  }

  private static void require(boolean holds, String what, String line) {
    if (!holds) {
      throw new AssertionError(what + ": " + line);
    }
  }
}
