package io.guardedjdbc.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/** Lends a plain connection on which the catalog is read: never the application's own. */
@FunctionalInterface
public interface CatalogChannel {
  /** What is done with the connection. */
  @FunctionalInterface
  interface Reading {
    /** Reads; blocks on I/O. */
    GuardMapLoad on(Connection connection) throws SQLException;
  }

  /** Runs {@code reading} on a connection in autocommit that nobody else uses meanwhile. */
  GuardMapLoad call(Reading reading) throws SQLException;
}
