package io.guardedjdbc.error;

/**
 * Why a read was refused. The codes are SQLStates of the private class {@code RG}; they are never
 * renumbered and never given another meaning.
 */
public enum GuardState {
  /** The certificate is older than its limit; the next refresh cures it. */
  STALE("RG001", true),
  /** The store is being refreshed, or its certificate changed while the statement ran. */
  CHANGING("RG002", true),
  /** Registry or guard map could not be read: server, lock, timeout. */
  UNREADABLE("RG003", true),
  /** A gate failed, or somebody revoked the certificate. */
  FAILED("RG101", false),
  /** There is no certificate, or the registry's row makes no sense. */
  UNCERTIFIED("RG102", false),
  /** Another certificate than the one the connection is pinned to. */
  OTHER_CERTIFICATE("RG103", false),
  /** A relation inside a store's closure: read the entrypoint instead. */
  CLOSURE("RG201", false),
  /** A relation that may not be read through the driver, or an uncertified copy. */
  REFUSED("RG202", false),
  /** A route that the driver can't guard. */
  ROUTE("RG203", false),
  /** A privilege is missing; the message names the GRANT. */
  PERMISSION("RG301", false),
  /** A bad property or URL; only at connect. */
  PROPERTY("RG901", false);

  private final String sqlState;
  private final boolean retryable;

  GuardState(String sqlState, boolean retryable) {
    this.sqlState = sqlState;
    this.retryable = retryable;
  }

  /** The five characters that {@link java.sql.SQLException#getSQLState} gives. */
  public String sqlState() {
    return sqlState;
  }

  /** Whether waiting for the next refresh cycle may cure it; false: somebody has to act. */
  public boolean retryable() {
    return retryable;
  }
}
