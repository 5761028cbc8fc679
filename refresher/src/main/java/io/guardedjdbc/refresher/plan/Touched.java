package io.guardedjdbc.refresher.plan;

import java.util.List;

/**
 * Another store whose closure holds something that the run changes.
 *
 * @param objects what it holds
 */
public record Touched(String store, String entrypoint, List<String> objects) {
  /** Copies the list. */
  public Touched {
    objects = List.copyOf(objects);
  }
}
