package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.page.Markup;

/** SVG path data, point by point. */
final class Line {
  private final StringBuilder data = new StringBuilder();
  private double x;
  private double y;

  Line(double x, double y) {
    data.append('M');
    to(x, y);
  }

  void straight(double toX, double toY) {
    data.append('L');
    to(toX, toY);
  }

  /** Leaves and arrives level. */
  void curve(double toX, double toY) {
    double half = (x + toX) / 2;
    data.append('C');
    point(half, y);
    point(half, toY);
    to(toX, toY);
  }

  /** Leaves to the right and comes back from the right. */
  void loop(double toX, double toY, double out) {
    double far = Math.max(x, toX) + out;
    data.append('C');
    point(far, y);
    point(far, toY);
    to(toX, toY);
  }

  /** The head of an arrow that ends here, pointing right (1) or left (-1). */
  String tip(int direction) {
    Line tip = new Line(x - direction * 8, y - 4.5);
    tip.straight(x, y);
    tip.straight(x - direction * 8, y + 4.5);
    return tip + "Z";
  }

  private void to(double toX, double toY) {
    point(toX, toY);
    x = toX;
    y = toY;
  }

  private void point(double pointX, double pointY) {
    data.append(Markup.number(pointX)).append(' ').append(Markup.number(pointY)).append(' ');
  }

  @Override
  public String toString() {
    return data.toString().strip();
  }
}
