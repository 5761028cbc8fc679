package io.guardedjdbc.refresher.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.postgresql.PGConnection;

/** A way by which rows come out of the server. */
enum Way {
  /** {@code executeQuery} of a text. */
  SIMPLE {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        return rows(statement.executeQuery(select(view)));
      }
    }
  },
  /** A prepared statement, executed more than once. */
  PREPARED {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(select(view) + " WHERE id > ?")) {
        statement.setInt(1, 0);
        return rows(statement.executeQuery());
      }
    }
  },
  /** A few rows at a time, where there is a transaction. */
  STREAMED {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(5);
        return rows(statement.executeQuery(select(view)));
      }
    }
  },
  /** {@code COPY … TO STDOUT}. */
  COPY {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (" + select(view) + ") TO STDOUT", out);
      } catch (IOException e) {
        throw new SQLException(e);
      }
      Rows rows = new Rows();
      for (String line : out.toString(StandardCharsets.UTF_8).split("\n", -1)) {
        String[] cells = line.split("\t", -1);
        if (cells.length == 2) {
          rows.add(cells[0], cells[1].equals("t"));
        }
      }
      return rows;
    }
  },
  /** A cursor by its SQL name, in a transaction. */
  CURSOR(true) {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("DECLARE proof_cursor CURSOR FOR " + select(view));
        Rows rows = new Rows();
        for (int i = 0; i < 3; i++) {
          rows.add(statement.executeQuery("FETCH 5 FROM proof_cursor"));
        }
        statement.execute("CLOSE proof_cursor");
        return rows;
      }
    }
  },
  /** {@code EXECUTE} of a statement that was prepared in SQL. */
  EXECUTED {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("PREPARE proof_statement AS " + select(view));
        try {
          return rows(statement.executeQuery("EXECUTE proof_statement"));
        } finally {
          if (connection.getAutoCommit()) {
            statement.execute("DEALLOCATE proof_statement");
          }
        }
      }
    }
  },
  /** {@code INSERT … SELECT} into a table, which is read afterwards. */
  COPIED {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      return copied(connection, view, false);
    }
  },
  /** The same in a batch of two. */
  BATCH {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      return copied(connection, view, true);
    }
  },
  /** {@code INSERT … SELECT … RETURNING}. */
  RETURNING {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        return rows(
            statement.executeQuery(
                "INSERT INTO proof.sink SELECT 'returned', state, good FROM "
                    + view
                    + " RETURNING state, good"));
      }
    }
  },
  /** An error that carries the value of a row. */
  ERROR {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.executeQuery(
            "SELECT ('secret<' || state || '|' || good || '>')::int FROM " + view + " LIMIT 1");
        throw new AssertionError("that is no number");
      } catch (SQLException e) {
        return Secret.of(e);
      }
    }
  };

  private final boolean needsTransaction;

  Way() {
    this(false);
  }

  Way(boolean needsTransaction) {
    this.needsTransaction = needsTransaction;
  }

  boolean needsTransaction() {
    return needsTransaction;
  }

  /**
   * All rows of the view.
   *
   * @throws SQLException a refusal, or what else goes wrong
   */
  abstract Rows read(Connection connection, String view) throws SQLException;

  /** What came: which states, and whether all rows are good. */
  static final class Rows {
    final Set<String> states = new TreeSet<>();
    boolean good = true;
    int count;

    void add(String state, boolean isGood) {
      states.add(state);
      good &= isGood;
      count++;
    }

    void add(ResultSet rows) throws SQLException {
      try (rows) {
        while (rows.next()) {
          add(rows.getString(1), rows.getBoolean(2));
        }
      }
    }
  }

  private static String select(String view) {
    return "SELECT state, good FROM " + view;
  }

  private static Rows rows(ResultSet result) throws SQLException {
    Rows rows = new Rows();
    rows.add(result);
    return rows;
  }

  /** A copy whose release was refused must be gone: {@link LeftBehind} where it is not. */
  private static Rows copied(Connection connection, String view, boolean batch)
      throws SQLException {
    String token = UUID.randomUUID().toString();
    String insert = "INSERT INTO proof.sink SELECT '" + token + "', state, good FROM " + view;
    try (Statement statement = connection.createStatement()) {
      String mine = "SELECT state, good FROM proof.sink WHERE token = '" + token + "'";
      try {
        if (batch) {
          statement.addBatch("INSERT INTO proof.sink VALUES ('batch', '', true)");
          statement.addBatch(insert);
          statement.executeBatch();
        } else {
          statement.execute(insert);
        }
      } catch (SQLException e) {
        if (e.getSQLState() != null && e.getSQLState().startsWith("RG")) {
          LeftBehind.check(statement, mine, e);
        }
        throw e;
      }
      return rows(statement.executeQuery(mine));
    }
  }
}
