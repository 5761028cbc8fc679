package io.guardedjdbc.registry;

import org.jspecify.annotations.Nullable;

/**
 * Which server process answers. The system identifier alone is shared by a primary and all its
 * standbys; a restart, a promotion and another address each make another identity.
 *
 * @param systemIdentifier of the cluster, as text
 * @param postmasterStart when the server was started, as text
 * @param address of the server as it sees the connection; null over a Unix socket
 * @param port likewise
 * @param inRecovery whether it is a standby
 * @param database name of the database
 */
public record ServerIdentity(
    String systemIdentifier,
    String postmasterStart,
    @Nullable String address,
    @Nullable String port,
    boolean inRecovery,
    String database) {

  /** Six columns, all text, in the order of the components; nothing in it needs a privilege. */
  public static final String COLUMNS =
      "(SELECT s.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() s),"
          + " pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())::pg_catalog.text,"
          + " pg_catalog.host(pg_catalog.inet_server_addr()),"
          + " pg_catalog.inet_server_port()::pg_catalog.text,"
          + " pg_catalog.pg_is_in_recovery()::pg_catalog.text,"
          + " pg_catalog.current_database()::pg_catalog.text";

  /** Reads {@link #COLUMNS} from a row, beginning at column {@code first}. */
  public static ServerIdentity read(java.sql.ResultSet row, int first)
      throws java.sql.SQLException {
    return new ServerIdentity(
        row.getString(first),
        row.getString(first + 1),
        row.getString(first + 2),
        row.getString(first + 3),
        row.getString(first + 4).startsWith("t"),
        row.getString(first + 5));
  }
}
