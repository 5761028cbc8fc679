package io.guardedjdbc.refresher.run;

import static io.guardedjdbc.refresher.run.Intercepted.call;
import static io.guardedjdbc.refresher.run.Intercepted.proxy;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Cycles whose every statement passes through somebody's hands on its way to the server.
 *
 * @param url of the database
 * @param leaseClock by which leases are waited for
 * @param mvcc whether transactions get the isolation level that they ask for
 */
public record DrivenCycle(String url, ReaderClock leaseClock, boolean mvcc) {
  /** Sees each text before it is sent, with the name of the connection; gives what is sent. */
  @FunctionalInterface
  public interface Hands {
    String sent(String connection, String sql) throws SQLException;
  }

  /** Runs a store to its end, whatever that is; gives how it ended. */
  public String run(String store, PublishMode mode, Hands hands) {
    RunOptions options =
        new RunOptions(
            true,
            Optional.of(mode),
            2,
            RunLimits.ofLocks(Duration.ofSeconds(1), 2),
            "run",
            "proof");
    RunCycle cycle =
        new RunCycle(
            name -> handed(name, Target.of(url, null, Map.of()).open(name), hands),
            options,
            RunListener.NONE,
            new Interruption(),
            InstantSource.system(),
            leaseClock);
    try {
      RunResult result = cycle.run(StoreArgument.of(store));
      return result.outcome()
          + result.failure().map(failure -> ": " + String.join("; ", failure.lines())).orElse("");
    } catch (Failure e) {
      return "NOT BEGUN: " + String.join("; ", e.lines());
    }
  }

  private Connection handed(String name, Connection real, Hands hands) {
    return proxy(
        Connection.class,
        (method, args) ->
            switch (method.getName()) {
              case "prepareStatement" -> {
                args[0] = hands.sent(name, (String) args[0]);
                yield call(real, method, args);
              }
              case "createStatement" -> {
                Statement statement = real.createStatement();
                yield proxy(
                    Statement.class,
                    (inner, more) -> {
                      if (inner.getName().startsWith("execute")) {
                        more[0] = hands.sent(name, (String) more[0]);
                      }
                      return call(statement, inner, more);
                    });
              }
              case "commit" -> {
                hands.sent(name, "COMMIT");
                yield call(real, method, args);
              }
              case "setTransactionIsolation" -> mvcc ? call(real, method, args) : null;
              default -> call(real, method, args);
            });
  }
}
