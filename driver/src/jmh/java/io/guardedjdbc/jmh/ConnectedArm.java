package io.guardedjdbc.jmh;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A connection of one arm, with a prepared point SELECT and a row of it. */
@State(Scope.Thread)
public class ConnectedArm {
  static final String POINT = "SELECT * FROM ml.store_v WHERE id = ?";

  /** Name of the {@link Arm}. */
  @Param("PLAIN")
  public String arm = "";

  String server = "";
  Connection connection;
  PreparedStatement point;
  ResultSet row;

  /** Opens it; five executions, and pgjdbc prepares on the server. */
  @Setup(Level.Trial)
  public void open() throws SQLException {
    server = System.getProperty(Store.SERVER);
    connection = connect();
    point = connection.prepareStatement(POINT);
    for (int i = 0; i < 10; i++) {
      point.setInt(1, 1);
      row = point.executeQuery();
      row.next();
    }
  }

  Connection connect() throws SQLException {
    return Arm.valueOf(arm).connect(server);
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() throws SQLException {
    connection.close();
  }
}
