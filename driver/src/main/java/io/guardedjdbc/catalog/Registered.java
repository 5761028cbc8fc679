package io.guardedjdbc.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * Says which entrypoints have a row in the registry: by what was read of it anyway, so that keeping
 * the guard map current costs no reading of the registry beside those that leases need.
 */
@FunctionalInterface
public interface Registered {
  /**
   * The rows of one reading.
   *
   * @param entrypoints as the registry spells them
   * @param sentNanos the map's clock before the reading was sent
   */
  record Rows(Set<String> entrypoints, long sentNanos) {}

  /**
   * The rows of a reading that was sent after {@code nanos}.
   *
   * @param connection where to read the registry if nobody has since
   * @throws SQLException what the server answered, or a refusal where the registry is none
   */
  Rows after(long nanos, Connection connection) throws SQLException;
}
