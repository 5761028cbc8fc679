package io.guardedjdbc.refresher.run;

import java.sql.Connection;

/** Opens the connections of a run; tests give one that breaks. */
@FunctionalInterface
interface Connector {
  /**
   * A new connection; blocks.
   *
   * @throws io.guardedjdbc.refresher.exit.Failure when there is none to be had
   */
  Connection open(String applicationName);
}
