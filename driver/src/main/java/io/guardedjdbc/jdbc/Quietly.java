package io.guardedjdbc.jdbc;

import java.sql.SQLException;

/** Clearing away after a refusal: the refusal is what the application must see. */
final class Quietly {

  /** A step that may fail. */
  @FunctionalInterface
  interface Step {
    void run() throws SQLException;
  }

  private Quietly() {}

  /** Runs the step; an error of it is worth nothing beside the refusal on its way. */
  static void run(Step step) {
    try {
      step.run();
    } catch (SQLException ignored) {
      // What could not be closed is not reachable through the facade either.
    }
  }
}
