package io.guardedjdbc.jmh;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.infra.Blackhole;

/** One operation of each workload. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Workloads {
  /** One row by its key, on a statement that is kept. */
  @Benchmark
  public int pointSelect(ConnectedArm on, Meter meter) throws SQLException {
    meter.operations++;
    return point(on.point);
  }

  /** The same with a statement of its own. */
  @Benchmark
  public int prepareExecuteClose(ConnectedArm on, Meter meter) throws SQLException {
    meter.operations++;
    try (PreparedStatement statement = on.connection.prepareStatement(ConnectedArm.POINT)) {
      return point(statement);
    }
  }

  private static int point(PreparedStatement statement) throws SQLException {
    statement.setInt(1, 1);
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Nothing is sent. */
  @Benchmark
  public void prepareClose(ConnectedArm on, Meter meter) throws SQLException {
    meter.operations++;
    on.connection.prepareStatement(ConnectedArm.POINT).close();
  }

  /** Of a row that has arrived. */
  @Benchmark
  public int getter(ConnectedArm on, Meter meter) throws SQLException {
    meter.operations++;
    return on.row.getInt(1);
  }

  /** Opens another connection beside the one that is open. */
  @Benchmark
  public void connectClose(ConnectedArm on, Meter meter) throws SQLException {
    meter.operations++;
    on.connect().close();
  }

  /** All rows by a cursor, each column by its own getter. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void allRows(ConnectedArm on, Meter meter, Blackhole hole) throws SQLException {
    meter.operations++;
    Connection connection = on.connection;
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10_000);
      try (ResultSet rows = statement.executeQuery("SELECT * FROM ml.store_v")) {
        while (rows.next()) {
          hole.consume(rows.getInt(1));
          hole.consume(rows.getLong(2));
          hole.consume(rows.getDouble(3));
          hole.consume(rows.getShort(4));
          hole.consume(rows.getBigDecimal(5));
          hole.consume(rows.getBoolean(6));
          hole.consume(rows.getString(7));
          hole.consume(rows.getDate(8));
          hole.consume(rows.getTimestamp(9));
          hole.consume(rows.getFloat(10));
        }
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  /** What a guarded decision can't do without: one clock before, both after. */
  @Benchmark
  public long clocks(Meter meter) {
    meter.operations++;
    return System.nanoTime() + System.nanoTime() + System.currentTimeMillis();
  }

  /** All that the guard does for an execution, around one that sends nothing. */
  @Benchmark
  public Object decision(GuardAlone on, Meter meter) throws SQLException {
    meter.operations++;
    return on.guard.execute(on.facts, on.execution);
  }
}
