package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.plan.PublishMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;

/** A run in a process of its own, which says when it has come to a point and stays there. */
final class ChildRun {
  private ChildRun() {}

  /** URL, mode, the number of the point, and how long it waits for a lock. */
  public static void main(String[] args) {
    BreakingConnector connector =
        Trial.connector(args[0], Integer.parseInt(args[2]), ChildRun::stay);
    Trial.cycle(connector, PublishMode.valueOf(args[1]), new ArrayList<>(), Duration.parse(args[3]))
        .run(StoreArgument.of("shop"));
  }

  private static void stay(String point) {
    System.out.println("at " + point);
    try {
      if (System.in.read() >= 0) {
        throw new IllegalStateException("it was to be killed here");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
