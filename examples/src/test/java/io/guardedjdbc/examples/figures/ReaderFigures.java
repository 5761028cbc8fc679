package io.guardedjdbc.examples.figures;

import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.examples.survival.SurvivalStore;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.run.RunListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** What a guarded reader of single listings notices of an atomic publish. */
final class ReaderFigures {
  private final FigureServer server;
  private final FigureStore store;
  private final Spread rest = new Spread();
  private final Spread during = new Spread();
  private final AtomicBoolean publishing = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();
  private long lockSamples;
  private long samples;

  ReaderFigures(FigureServer server, FigureStore store) {
    this.server = server;
    this.store = store;
  }

  void measure(Figures figures, int restMillis) throws Exception {
    store.changeInput();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Connection reader = guarded();
        Connection observer = server.connect("observer")) {
      long pid = Long.parseLong(FigureServer.text(reader, "SELECT pg_backend_pid()"));
      Future<?> reads = threads.submit(() -> read(reader));
      Future<?> locks = threads.submit(() -> sample(observer, pid));
      do {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(restMillis));
      } while (rest.isEmpty());
      publishing.set(true);
      store.run(PublishMode.ATOMIC, 2, RunListener.NONE);
      publishing.set(false);
      over.set(true);
      reads.get();
      locks.get();
      figures.row(
          "lock waits of a reader during an atomic publish",
          server.lockWaits(observer, pid)
              + " logged, "
              + lockSamples
              + " of "
              + samples
              + " samples of pg_locks",
          "log_lock_waits, deadlock_timeout 10 ms; aim none");
      figures.row("read of one listing, at rest", percentiles(rest), "guarded, leased");
      figures.row("the same during the publish", percentiles(during), "");
    } finally {
      threads.shutdownNow();
    }
  }

  private Connection guarded() throws SQLException {
    return Objects.requireNonNull(
        new GuardedDriver()
            .connect(
                server.url().replace("jdbc:postgresql:", "jdbc:guarded:postgresql:"),
                new Properties()));
  }

  private static String percentiles(Spread spread) {
    if (spread.isEmpty()) {
      return "no read was that quick";
    }
    return String.format(
        Locale.ROOT,
        "median %.2f ms, 99 %% below %.2f ms, most %.2f ms",
        spread.median(),
        spread.quantile(0.99),
        spread.quantile(1));
  }

  private @org.jspecify.annotations.Nullable Void read(Connection reader) throws Exception {
    try (PreparedStatement statement =
        reader.prepareStatement(
            "SELECT * FROM " + SurvivalStore.ENTRYPOINT + " WHERE listing_id = ?")) {
      for (int i = 1; !over.get(); i++) {
        statement.setLong(1, i % 1000);
        boolean publish = publishing.get();
        double millis =
            FigureServer.millis(
                () -> {
                  try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                  }
                });
        if (i > 3) {
          (publish ? during : rest).add(millis);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
    return null;
  }

  private @org.jspecify.annotations.Nullable Void sample(Connection observer, long pid)
      throws SQLException {
    while (!over.get()) {
      samples++;
      lockSamples +=
          Long.parseLong(
              FigureServer.text(
                  observer, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + pid));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return null;
  }
}
