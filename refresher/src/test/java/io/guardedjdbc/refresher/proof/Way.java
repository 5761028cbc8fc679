package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.Lineage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
  /** Several statements in one string, each of them with a snapshot of its own where it can. */
  STRING {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      throw new UnsupportedOperationException("two views are read");
    }

    @Override
    List<Rows> read(Connection connection, String view, String other) throws SQLException {
      String text = select(view) + "; SELECT count(*) FROM proof.open_live; " + select(other);
      try (Statement statement = connection.createStatement()) {
        statement.execute(text);
        Rows first = rows(statement.getResultSet());
        statement.getMoreResults();
        statement.getMoreResults();
        Rows second = rows(statement.getResultSet());
        first.of = view;
        second.of = other;
        first.lineage = connection.unwrap(Lineage.class);
        second.lineage = first.lineage;
        return List.of(first, second);
      }
    }
  },
  /** An error that carries the value of a row. */
  ERROR {
    @Override
    Rows read(Connection connection, String view) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        try {
          statement.executeQuery(
              "SELECT ('secret<' || state || '|' || good || '>')::int FROM " + view + " LIMIT 1");
        } catch (SQLException e) {
          Rows rows = Secret.of(e);
          rows.lineage = statement.unwrap(Lineage.class);
          return rows;
        }
        throw new AssertionError("that is no number");
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

  /** Whether a server that is a standby can do it. */
  boolean writes() {
    return this == COPIED || this == BATCH || this == RETURNING;
  }

  /**
   * All rows of the view.
   *
   * @throws SQLException a refusal, or what else goes wrong
   */
  abstract Rows read(Connection connection, String view) throws SQLException;

  /** The same; where several views are read at once, of another one too. */
  List<Rows> read(Connection connection, String view, String other) throws SQLException {
    Rows rows = read(connection, view);
    rows.of = view;
    if (rows.lineage == null) {
      rows.lineage = connection.unwrap(Lineage.class);
    }
    return List.of(rows);
  }

  /** What came: of which view, which states, covered by what, and whether all rows are good. */
  static final class Rows {
    String of = "";
    @Nullable Lineage lineage;
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

  /**
   * A copy whose release was refused must be gone: {@link LeftBehind} where it is not. Now and then
   * its text is one that nobody has seen before.
   */
  private static Rows copied(Connection connection, String view, boolean batch)
      throws SQLException {
    String token = UUID.randomUUID().toString();
    boolean unseen = token.startsWith("0");
    String source = ", state, good FROM " + view;
    try (Statement statement = connection.createStatement();
        PreparedStatement prepared =
            connection.prepareStatement("INSERT INTO proof.sink SELECT ?" + source);
        PreparedStatement mine =
            connection.prepareStatement("SELECT state, good FROM proof.sink WHERE token = ?")) {
      mine.setString(1, token);
      try {
        if (unseen && batch) {
          statement.addBatch("INSERT INTO proof.sink VALUES ('batch', '', true)");
          statement.addBatch("INSERT INTO proof.sink SELECT '" + token + "'" + source);
          statement.executeBatch();
        } else if (unseen) {
          statement.execute("INSERT INTO proof.sink SELECT '" + token + "'" + source);
        } else if (batch) {
          prepared.setString(1, "another " + token);
          prepared.addBatch();
          prepared.setString(1, token);
          prepared.addBatch();
          prepared.executeBatch();
        } else {
          prepared.setString(1, token);
          prepared.execute();
        }
      } catch (SQLException e) {
        if (e.getSQLState() != null && e.getSQLState().startsWith("RG")) {
          LeftBehind.check(mine, e);
        }
        throw e;
      }
      Lineage covered = connection.unwrap(Lineage.class);
      Rows rows = rows(mine.executeQuery());
      rows.lineage = covered;
      return rows;
    }
  }
}
