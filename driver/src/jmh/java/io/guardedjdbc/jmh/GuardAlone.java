package io.guardedjdbc.jmh;

import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.guard.Execution;
import io.guardedjdbc.guard.GuardSettings;
import io.guardedjdbc.guard.PreparedFacts;
import io.guardedjdbc.guard.SessionGuard;
import io.guardedjdbc.guard.SharedServer;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A guard without the facade around it, and an execution that sends nothing. */
@State(Scope.Thread)
public class GuardAlone {
  /** What is decided on. */
  @Param({
    "SELECT * FROM ml.store_v WHERE id = $1",
    "SELECT * FROM pg_catalog.pg_class WHERE oid = $1"
  })
  public String text = "";

  SessionGuard guard;
  PreparedFacts facts;
  Execution<Object> execution = new Nothing();
  private Connection raw;

  private static final class Nothing implements Execution<Object> {
    @Override
    public Object run() {
      return this;
    }

    @Override
    public void discard() {}
  }

  /** Connects; the first execution looks and reads the guard map. */
  @Setup(Level.Trial)
  public void open() throws SQLException {
    String server = System.getProperty(Store.SERVER);
    GuardSettings settings =
        GuardSettings.of(GuardMapOptions.DEFAULT, RegistryName.DEFAULT, Duration.ofSeconds(5));
    raw = Arm.PLAIN.connect(server);
    guard =
        SharedServer.guard(
            new SharedServer.Key(server, settings),
            raw,
            () -> Arm.PLAIN.connect(server),
            ReaderClock.system());
    facts = guard.prepare(text);
    guard.execute(facts, execution);
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() throws SQLException {
    guard.closed();
    raw.close();
  }
}
