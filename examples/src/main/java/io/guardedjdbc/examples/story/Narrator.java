package io.guardedjdbc.examples.story;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Tells the story on a terminal or into a file: chapters, sentences, and what programs said. */
final class Narrator {
  private static final int WIDTH = 100;

  private final PrintWriter out;
  private final boolean color;
  private int chapter;

  Narrator(PrintWriter out, boolean color) {
    this.out = out;
    this.color = color;
  }

  void chapter(String title) {
    chapter++;
    line("");
    line(paint("1", chapter + ". " + title));
  }

  /** A paragraph, wrapped. */
  void say(String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        line(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "   " : " ").append(word);
    }
    line(line.toString());
  }

  /** A command as somebody would type it. */
  void command(String text) {
    line("");
    line("   " + paint("36", "$ " + text));
  }

  /** What a program answered, indented, as it is. */
  void quote(String text) {
    text.lines().forEach(line -> line("   " + paint("2", "│ ") + line));
  }

  /** A step that went as told. */
  void good(String text) {
    line("   " + paint("32", "✓ ") + text);
  }

  /** A refusal that was expected. */
  void refused(String text) {
    line("   " + paint("31", "✗ ") + text);
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  boolean color() {
    return color;
  }

  /** A writer whose lines are quoted once it is closed. */
  StringWriter answer() {
    return new StringWriter();
  }

  private String paint(String code, String text) {
    return color ? "\033[" + code + "m" + text + "\033[0m" : text;
  }
}
