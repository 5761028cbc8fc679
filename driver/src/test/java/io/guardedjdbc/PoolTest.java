package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/** Under HikariCP: refusals evict nothing, connections share what they know, nothing is left. */
class PoolTest {
  private static final int THREADS = 64;
  private static final int POOL = 8;
  private static final int READS = 25;

  private static HikariDataSource pool(String url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setDriverClassName(GuardedDriver.class.getName());
    config.setMinimumIdle(size);
    config.setMaximumPoolSize(size);
    return new HikariDataSource(config);
  }

  /** How one state comes about: what happens to the store, what the URL says, what is read. */
  private record Cause(String happens, String property, String reads) {}

  private static Cause cause(GuardState state) {
    String registry = "UPDATE audit.t0_cert_registry SET ";
    return switch (state) {
      case STALE -> new Cause(registry + "certified_at = now() - interval '2 days'", "", READ);
      case CHANGING -> new Cause(registry + "status = 'REFRESHING'", "", READ);
      case UNREADABLE -> new Cause("DROP TABLE audit.t0_cert_registry", "", READ);
      case FAILED -> new Cause(registry + "status = 'FAILED'", "", READ);
      case UNCERTIFIED -> new Cause(registry + "status = 'perhaps'", "", READ);
      case OTHER_CERTIFICATE -> new Cause("SELECT 1", "&guard.certificate=7", READ);
      case CLOSURE -> new Cause("SELECT 1", "", "SELECT id FROM ml.store_mv");
      case REFUSED ->
          new Cause("SELECT 1", "&guard.refused=ml.labels", "SELECT label FROM ml.labels");
      case ROUTE -> new Cause("SELECT 1", "", "BEGIN; SELECT id FROM ml.store_v");
      case PERMISSION ->
          new Cause(
              "GRANT USAGE ON SCHEMA ml TO pool_reader;"
                  + " GRANT SELECT ON ml.store_v TO pool_reader",
              "&user=pool_reader",
              READ);
      case PROPERTY -> throw new IllegalArgumentException("only at connect");
    };
  }

  @ParameterizedTest
  @EnumSource(value = GuardState.class, mode = EnumSource.Mode.EXCLUDE, names = "PROPERTY")
  void aRefusalEvictsNoConnection(GuardState state) throws SQLException {
    Cause cause = cause(state);
    try (CertifiedStore store = new CertifiedStore();
        HikariDataSource pool = pool(url(store, cause), 1)) {
      int before = backend(pool);
      store.admin(cause.happens());
      for (int i = 0; i < 2; i++) {
        try (Connection connection = pool.getConnection()) {
          assertThatThrownBy(() -> ids(connection, cause.reads()))
              .isInstanceOfSatisfying(
                  GuardRefusal.class, refusal -> assertThat(refusal.state()).isEqualTo(state));
        }
      }
      assertThat(backend(pool)).isEqualTo(before);
    }
  }

  private static String url(CertifiedStore store, Cause cause) throws SQLException {
    if (!cause.property().startsWith("&user=")) {
      return store.url() + cause.property();
    }
    store.admin("CREATE ROLE pool_reader LOGIN");
    return store.url().replace("user=postgres", cause.property().substring(1));
  }

  private static int backend(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.unwrap(PGConnection.class).getBackendPID();
    }
  }

  @Test
  void connectionsShareOneMapAndOneLeaseAndLeaveNothingBehind() throws Exception {
    int scansOfOne = scans(1, 1);
    Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    int scansOfMany = scans(POOL, THREADS);
    assertThat(scansOfMany - scansOfOne).isBetween(0, POOL - 1);
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && !thread.getName().startsWith("PostgreSQL-JDBC")) {
        thread.join(TimeUnit.MINUTES.toMillis(1));
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  /** How often the registry was scanned by all reads together, the side connection's included. */
  private static int scans(int size, int threads) throws Exception {
    try (CertifiedStore store = new CertifiedStore()) {
      String count =
          "SELECT (seq_scan + coalesce(idx_scan, 0))::int FROM pg_stat_user_tables"
              + " WHERE relname = 't0_cert_registry'";
      run(store.admin, "SELECT pg_stat_force_next_flush()");
      int already = ids(store.admin, count).get(0);
      try (HikariDataSource pool = pool(store.url(), size)) {
        readAll(pool, threads);
        assertThat(ids(store.admin, others("AND application_name = 'guarded-jdbc registry'")))
            .containsExactly(1);
      }
      while (ids(store.admin, others("")).get(0) > 0) {
        run(store.admin, "SELECT pg_sleep(0.01)");
      }
      return ids(store.admin, count).get(0) - already;
    }
  }

  private static String others(String where) {
    return "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()"
        + " AND backend_type = 'client backend' AND pid <> pg_backend_pid() "
        + where;
  }

  private static void readAll(HikariDataSource pool, int threads) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      Callable<Integer> reader =
          () -> {
            int rows = 0;
            for (int i = 0; i < READS; i++) {
              try (Connection connection = pool.getConnection()) {
                rows += ids(connection, READ).size();
              }
            }
            return rows;
          };
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(executor.submit(reader));
      }
      for (Future<Integer> one : all) {
        assertThat(one.get()).isEqualTo(3 * READS);
      }
    } finally {
      executor.shutdown();
      assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }
}
