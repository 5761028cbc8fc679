package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.gate.Explanation;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.Gate;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints the findings of one gate, what they mean and what to do. */
public final class FindingText {
  private static final int MOST = 20;
  private static final int WIDTH = 116;
  private static final String INDENT = "      ";

  /** As the gates' own messages write paths, whatever the terminal. */
  private static final String ARROW = " → ";

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
    findings.stream().limit(MOST).forEach(finding -> print(gate, finding));
    if (findings.size() > MOST) {
      out.println(INDENT + "and " + (findings.size() - MOST) + " more: --json shows all");
    }
    if (!findings.stream().allMatch(Finding::checkedNothing)) {
      explain(gate);
    }
    findings.stream()
        .flatMap(finding -> finding.nextCommand().stream())
        .distinct()
        .limit(3)
        .forEach(command -> out.println(INDENT + "Next: " + paint.strong(command)));
  }

  /** Prints what a failure of the gate means and what to do. */
  public void explain(Gate gate) {
    Explanation explanation = gate.explanation();
    wrapped(INDENT, paint.strong(explanation.failureClass()) + ": " + explanation.meaning());
    wrapped(INDENT, "What to do: " + explanation.action());
  }

  private void print(Gate gate, Finding finding) {
    String bullet = finding.blocks() ? paint.bad("-") : paint.warn("-");
    wrapped(INDENT, bullet + " " + finding.message().strip());
    String below = INDENT + "  ";
    if (finding.path().size() > 1 && !tellsPath(finding)) {
      wrapped(below, "path: " + String.join(ARROW, finding.path()));
    }
    if (!finding.checkedNothing()) {
      finding.expected().ifPresent(text -> block("expected", text));
      finding.found().ifPresent(text -> block("found   ", text));
      gate.examples(finding).stream()
          .limit(MOST)
          .forEach(line -> out.println(below + "  " + paint.dim(line)));
    }
  }

  private static boolean tellsPath(Finding finding) {
    return finding.message().contains(String.join(ARROW, finding.path()));
  }

  private void block(String title, String text) {
    List<String> lines = text.strip().lines().toList();
    String below = INDENT + "  ";
    if (lines.size() == 1) {
      wrapped(below, title + " " + lines.get(0));
    } else if (!lines.isEmpty()) {
      out.println(below + title);
      lines.stream().limit(MOST).forEach(line -> out.println(below + "  " + line));
    }
  }

  private void wrapped(String indent, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split("\\s+", -1)) {
      if (line.length() > 0 && indent.length() + line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    out.println(indent + lines.get(0));
    lines.stream().skip(1).forEach(more -> out.println(indent + "  " + more));
  }
}
