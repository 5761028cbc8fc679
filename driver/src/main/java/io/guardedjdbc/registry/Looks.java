package io.guardedjdbc.registry;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Where a session's looks come from. Thread-safe. */
public interface Looks {
  /** The last look that anybody took; null: none yet. Costs a field load. */
  @Nullable Look last();

  /**
   * A look that was sent after {@code moment}. May block for a read of the registry.
   *
   * @throws SQLException RG003 or RG301 when the registry can't be read
   */
  Look sentAfter(Stamp moment) throws SQLException;

  /** The query of a look, for reading the registry inside the caller's own snapshot. */
  RegistryRead read() throws SQLException;

  /** The next look travels over a new connection: this one's may lead to another server. */
  void reconnect();
}
