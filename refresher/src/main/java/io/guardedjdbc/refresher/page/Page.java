package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.report.StoreStatus;
import java.util.Locale;

/** The frame of a page, and the parts that pages share. */
public final class Page {
  private Page() {}

  /**
   * A whole page.
   *
   * @param styles style sheets beside those of every page
   * @param made one line for the foot: which command made it, when
   */
  public static String of(String title, String styles, Markup body, String made) {
    Markup page = new Markup();
    page.raw("<!DOCTYPE html>\n")
        .open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml");
    page.open("head").empty("meta", "charset", "UTF-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty("meta", "name", "color-scheme", "content", "light dark");
    page.element("title", title);
    page.open("style").raw(Style.colors() + Style.page() + styles).close().closeLine();
    page.open("body").open("main").add(body).close();
    page.element("footer", made).close().closeLine();
    return page.toString();
  }

  /** The verdict on a store as a word in its colour, with a sign for who sees no colours. */
  public static void verdict(Markup out, StoreStatus status) {
    String grade = grade(status);
    String sign = grade.equals("good") ? "✓ " : grade.equals("warn") ? "! " : "✗ ";
    String word = status.verdictWord().replace('_', ' ').toUpperCase(Locale.ROOT);
    out.element("span", sign + word, "class", "verdict " + grade);
  }

  /** good, warn or bad: the style of a verdict. */
  public static String grade(StoreStatus status) {
    return switch (status.verdict()) {
      case CERTIFIED -> "good";
      case AGING -> "warn";
      case TOO_OLD, CLOSED, NO_CERTIFICATE -> "bad";
    };
  }
}
