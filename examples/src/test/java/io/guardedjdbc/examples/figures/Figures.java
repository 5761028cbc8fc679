package io.guardedjdbc.examples.figures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A table of figures, in Markdown. */
final class Figures {
  private final List<String> lines = new ArrayList<>();

  Figures(String title) {
    lines.add(title);
    lines.add("");
    lines.add("| what | median (least to most) | beside it |");
    lines.add("| --- | --- | --- |");
  }

  void row(String what, String figure, String remark) {
    String line = "| " + what + " | " + figure + " | " + remark + " |";
    lines.add(line);
    System.out.println(line);
  }

  List<String> lines() {
    return lines;
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, lines);
  }
}
