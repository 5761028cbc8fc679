package io.guardedjdbc.refresher.notify;

import java.io.IOException;

/** Somebody who is told. */
@FunctionalInterface
public interface Receiver {
  /**
   * Tells them. Blocks, but not for long.
   *
   * @throws IOException when they could not be told; its message has no secret in it
   * @throws InterruptedException when this thread was asked to stop waiting
   */
  void tell(String text) throws IOException, InterruptedException;
}
