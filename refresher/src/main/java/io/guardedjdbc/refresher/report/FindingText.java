package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.gate.Explanation;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.Gate;
import io.guardedjdbc.refresher.text.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints the findings of one gate, what they mean and what to do. */
public final class FindingText {
  private static final int MOST = 20;
  private static final String INDENT = "      ";

  private final PrintWriter out;
  private final Paint paint;

  /** Prints to this writer. */
  public FindingText(PrintWriter out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  /** Prints them; nothing for an empty list. */
  public void print(Gate gate, List<Finding> findings) {
    if (findings.isEmpty()) {
      return;
    }
    findings.stream().limit(MOST).forEach(this::print);
    if (findings.size() > MOST) {
      out.println(INDENT + "and " + (findings.size() - MOST) + " more: --json shows all");
    }
    Explanation explanation = gate.explanation();
    out.println(INDENT + paint.strong(explanation.failureClass()) + ": " + explanation.meaning());
    out.println(INDENT + "What to do: " + explanation.action());
    findings.stream()
        .flatMap(finding -> finding.nextCommand().stream())
        .distinct()
        .limit(3)
        .forEach(command -> out.println(INDENT + "Next: " + paint.strong(command)));
  }

  private void print(Finding finding) {
    String bullet = finding.blocks() ? paint.bad("-") : paint.warn("-");
    out.println(
        INDENT + bullet + " " + finding.message().strip().replace("\n", "\n" + INDENT + "  "));
    if (finding.path().size() > 1) {
      out.println(INDENT + "  path: " + String.join(paint.arrow(), finding.path()));
    }
    finding.expected().ifPresent(text -> block("expected", text));
    finding.found().ifPresent(text -> block("found", text));
    examples(finding.examples());
  }

  private void block(String title, String text) {
    List<String> lines = text.strip().lines().toList();
    if (lines.size() == 1) {
      out.println(INDENT + "  " + title + ": " + lines.get(0));
    } else if (!lines.isEmpty()) {
      out.println(INDENT + "  " + title + ":");
      lines.stream().limit(MOST).forEach(line -> out.println(INDENT + "    " + line));
    }
  }

  private void examples(@Nullable Object examples) {
    if (examples instanceof List<?> list) {
      for (Object example : list) {
        out.println(INDENT + "  e.g. " + one(example));
      }
    } else if (examples != null) {
      out.println(INDENT + "  e.g. " + one(examples));
    }
  }

  private static String one(@Nullable Object example) {
    if (example instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + ": " + value(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    return value(example);
  }

  private static String value(@Nullable Object value) {
    return value instanceof Map || value instanceof List
        ? Json.compact(value)
        : String.valueOf(value);
  }
}
