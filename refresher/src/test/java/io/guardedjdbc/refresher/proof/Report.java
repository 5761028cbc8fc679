package io.guardedjdbc.refresher.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was found, as Markdown: {@code target/reports/proof.md}. */
final class Report {
  private static final Path FILE = Path.of("target", "reports", "proof.md");

  private final List<String> mutants = new ArrayList<>();
  private final List<String> whole = new ArrayList<>();

  void mutant(Mutant mutant, Checker.Found found) {
    String first = found.violations().isEmpty() ? "**not found**" : found.violations().get(0);
    int end = first.indexOf(": Read[");
    mutants.add(
        String.format(
            Locale.ROOT,
            "| %s | %d reads | %.1f s | %s |",
            mutant.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            found.reads(),
            found.time().toMillis() / 1000.0,
            shortened(end < 0 ? first : first.substring(0, end))));
    write();
  }

  private static String shortened(String text) {
    String line = text.replace('|', ' ').replace('\n', ' ');
    return line.length() > 90 ? line.substring(0, 90) + " …" : line;
  }

  void nothingBroken(String server, Checker.Found found) {
    Tally tally = found.tally();
    whole.addAll(
        List.of(
            "",
            "## " + server,
            "",
            String.format(
                Locale.ROOT,
                "%,d reads judged and %,d refused in %.0f s (seed %d), %d runs of the refresher, %d violations.",
                found.reads(),
                found.refusals(),
                found.time().toMillis() / 1000.0,
                found.seed(),
                tally.sum(Tally.Of.RUN),
                found.violations().size()),
            "",
            "| | |",
            "| --- | --- |"));
    for (Tally.Of of : Tally.Of.values()) {
      List<String> counts = new ArrayList<>();
      tally.of(of).forEach((name, count) -> counts.add(String.format("%s %,d", name, count)));
      whole.add("| " + of.title() + " | " + String.join(", ", counts) + " |");
    }
    found.violations().stream().limit(50).forEach(violation -> whole.add("- " + violation));
    write();
  }

  private void write() {
    List<String> lines = new ArrayList<>();
    lines.add("# What the checker found");
    lines.addAll(whole);
    if (!mutants.isEmpty()) {
      lines.addAll(
          List.of(
              "", "| broken protection | found after | in | as |", "| --- | --- | --- | --- |"));
      lines.addAll(mutants);
    }
    try {
      Files.createDirectories(FILE.getParent());
      Files.write(FILE, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
