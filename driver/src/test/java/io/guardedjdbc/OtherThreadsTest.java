package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What other threads do to a connection while one waits for the registry on it. */
@Tag("postgres14")
@Timeout(180)
class OtherThreadsTest {
  private enum Interference {
    CLOSE {
      @Override
      void on(Connection connection, Statement statement) throws SQLException {
        connection.close();
      }
    },
    ABORT {
      @Override
      void on(Connection connection, Statement statement) throws SQLException {
        connection.abort(Runnable::run);
      }
    },
    CANCEL {
      @Override
      void on(Connection connection, Statement statement) throws SQLException {
        statement.cancel();
      }
    };

    abstract void on(Connection connection, Statement statement) throws SQLException;
  }

  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private CertifiedStore store;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    store = new CertifiedStore();
    connection = store.connect("&guard.validation=always&guard.registryTimeout=60s");
    assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
  }

  @AfterEach
  void close() throws SQLException {
    threads.shutdownNow();
    connection.close();
    store.close();
  }

  @ParameterizedTest
  @EnumSource
  void doNotWaitForTheValidationUnderWay(Interference interference) throws Exception {
    store.admin("BEGIN; LOCK TABLE audit.t0_cert_registry IN ACCESS EXCLUSIVE MODE");
    Statement statement = connection.createStatement();
    Future<Boolean> reading = threads.submit(() -> statement.executeQuery(READ).next());
    while (ids(store.admin, "SELECT count(*)::int FROM pg_locks WHERE NOT granted").get(0) == 0) {
      store.admin("SELECT pg_sleep(0.01)");
    }
    CompletableFuture<Void> interfering = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            interference.on(connection, statement);
            interfering.complete(null);
          } catch (SQLException | RuntimeException e) {
            interfering.completeExceptionally(e);
          }
        });
    // Far less than the 60 s for which the validation would wait.
    interfering.get(20, TimeUnit.SECONDS);
    assertThat(reading.isDone()).isFalse();
    store.admin("COMMIT");
    if (interference == Interference.CANCEL) {
      assertThat(reading.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
    } else {
      assertThat(connection.isClosed()).isTrue();
      assertThat(reading).satisfies(ended -> assertThat(endsWithin20Seconds(ended)).isTrue());
    }
    while (sideConnections() > (interference == Interference.CANCEL ? 1 : 0)) {
      store.admin("SELECT pg_sleep(0.01)");
    }
  }

  @Test
  void shareOneConnectionAsWithPgjdbc() throws Exception {
    List<Future<?>> all = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      int own = thread;
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
                  assertThat(ids(connection, "SELECT " + own)).containsExactly(own);
                }
                return null;
              }));
    }
    for (Future<?> one : all) {
      one.get(60, TimeUnit.SECONDS);
    }
  }

  private static boolean endsWithin20Seconds(Future<?> future) {
    try {
      future.get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(SQLException.class);
    }
    return true;
  }

  private int sideConnections() throws SQLException {
    return ids(
            store.admin,
            "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()"
                + " AND application_name = 'guarded-jdbc registry'")
        .get(0);
  }
}
