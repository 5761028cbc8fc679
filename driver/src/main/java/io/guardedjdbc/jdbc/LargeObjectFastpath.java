package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.SessionGuard;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.core.BaseConnection;
import org.postgresql.fastpath.Fastpath;
import org.postgresql.fastpath.FastpathArg;

/**
 * Calls of server functions without SQL text: those that serve large objects pass, by the numbers
 * that PostgreSQL has built in, as names here mean what the caller has registered. All other
 * methods of pgjdbc's class come down to these two.
 */
@SuppressWarnings("deprecation") // pgjdbc advises against fastpath; the facade must still offer it.
final class LargeObjectFastpath extends Fastpath {
  /** lo_* of pg_proc.dat, loread and lowrite; not lo_import and lo_export, which touch files. */
  private static final Set<Integer> LARGE_OBJECT_FUNCTIONS =
      Set.of(
          715, 952, 953, 954, 955, 956, 957, 958, 964, 1004, 3170, 3171, 3172, 3457, 3458, 3459,
          3460);

  private final SessionGuard guard;

  LargeObjectFastpath(BaseConnection connection, SessionGuard guard) {
    super(connection);
    this.guard = guard;
  }

  @Override
  @Deprecated
  public Object fastpath(int function, boolean resultType, FastpathArg[] arguments)
      throws SQLException {
    check(function);
    return super.fastpath(function, resultType, arguments);
  }

  @Override
  public byte[] fastpath(int function, FastpathArg[] arguments) throws SQLException {
    check(function);
    return super.fastpath(function, arguments);
  }

  private void check(int function) throws SQLException {
    if (!LARGE_OBJECT_FUNCTIONS.contains(function)) {
      guard.requireRoute(
          "fastpath call of function " + function, "Call the function by a SELECT statement");
    }
  }
}
