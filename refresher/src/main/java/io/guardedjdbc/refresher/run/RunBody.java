package io.guardedjdbc.refresher.run;

import java.sql.SQLException;
import java.util.List;

/** What a registered run does between its first and its last record. */
interface RunBody {
  /** Does it; blocks. */
  RunResult.Outcome run() throws SQLException;

  /** The certificates given so far. */
  List<Published> certificates();
}
