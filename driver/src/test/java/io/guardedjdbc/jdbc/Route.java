package io.guardedjdbc.jdbc;

import java.sql.Connection;

/**
 * One way by which the text {@code LEAK} of the table {@code secret} can leave pgjdbc.
 *
 * @param name a noun, for the report
 * @param structural whether it goes around SQL texts: refused whatever the certificate says
 * @param read gives what came out
 */
record Route(String name, boolean structural, Read read) {

  /** Uses the connection as an application would. */
  @FunctionalInterface
  interface Read {
    Object from(Connection connection) throws Exception;
  }

  static Route of(String name, Read read) {
    return new Route(name, false, read);
  }

  static Route structural(String name, Read read) {
    return new Route(name, true, read);
  }

  @Override
  public String toString() {
    return name;
  }
}
