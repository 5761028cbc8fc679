package io.guardedjdbc.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * One way by which the text {@code LEAK} of a guarded relation can leave pgjdbc.
 *
 * @param name a noun, for the report
 * @param kind what a guard makes of it
 * @param read gives what came out
 */
record Route(String name, Kind kind, LateRead read) {

  /** What a certificate decides about a route. */
  enum Kind {
    /** Open while everything is certified. */
    GUARDED,
    /** Rows of a snapshot that was validated before the revocation: a cursor, further fetched. */
    VALIDATED,
    /**
     * Like {@link #GUARDED}, but it says less than a value: whether there is a row, or how many.
     */
    SILENT,
    /** Goes around SQL texts, or to where no rollback reaches: refused whatever is certified. */
    STRUCTURAL,
    /**
     * Like {@link #STRUCTURAL}, though plain pgjdbc gives no row either on a connection like these.
     */
    CLOSED,
    /** Describes, and gives no row: open whatever is certified. */
    HARMLESS
  }

  /** Uses the connection as an application would. */
  @FunctionalInterface
  interface Read {
    Object from(Connection connection) throws Exception;
  }

  /** The same in two steps. */
  @FunctionalInterface
  interface LateRead {
    Object from(Connection connection, Revocation revocation) throws Exception;
  }

  /** What may happen to the certificates between two steps. */
  @FunctionalInterface
  interface Revocation {
    void passes() throws SQLException;
  }

  static Route of(String name, Read read) {
    return new Route(name, Kind.GUARDED, first(read));
  }

  static Route structural(String name, Read read) {
    return new Route(name, Kind.STRUCTURAL, first(read));
  }

  static Route closed(String name, Read read) {
    return new Route(name, Kind.CLOSED, first(read));
  }

  static Route silent(String name, Read read) {
    return new Route(name, Kind.SILENT, first(read));
  }

  static Route harmless(String name, Read read) {
    return new Route(name, Kind.HARMLESS, first(read));
  }

  /** A route whose first step may be taken while everything is certified still. */
  static Route late(String name, LateRead read) {
    return new Route(name, Kind.GUARDED, read);
  }

  private static LateRead first(Read read) {
    return (connection, revocation) -> {
      revocation.passes();
      return read.from(connection);
    };
  }

  @Override
  public String toString() {
    return name;
  }
}
