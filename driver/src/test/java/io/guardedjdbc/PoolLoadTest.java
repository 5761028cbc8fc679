package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many threads through a pool for a while, with refusals and without: what is there at the end is
 * what was there at the beginning. Profile {@code load} makes the while long.
 */
class PoolLoadTest {
  private static final int THREADS = 64;
  private static final int POOL = 16;
  private static final Duration LEASE = Duration.ofMillis(500);
  private static final Duration TIME = Duration.ofSeconds(Long.getLong("guarded.load.seconds", 3));
  private static final String SCANS =
      "SELECT (seq_scan + coalesce(idx_scan, 0))::int FROM pg_stat_user_tables"
          + " WHERE relname = 't0_cert_registry'";

  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final ConcurrentLinkedQueue<Throwable> others = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  @ParameterizedTest(name = "refusals {0}")
  @ValueSource(booleans = {false, true})
  void leavesNothingBehindAndEvictsNothing(boolean refuse) throws Exception {
    int threadsBefore = Thread.activeCount();
    try (CertifiedStore store = new CertifiedStore()) {
      store.admin("UPDATE audit.t0_cert_registry SET lease = '" + LEASE.toMillis() + " ms'");
      List<Integer> backends;
      List<Integer> backendsAfter;
      long early;
      long late;
      int scans;
      long elapsed;
      try (HikariDataSource pool = pool(store.url())) {
        backends = backends(store);
        List<Thread> threads = readers(pool);
        pause(store, refuse, 0.25);
        early = used();
        int scansBefore = scans(store);
        long begun = serverMillis(store);
        pause(store, refuse, 0.75);
        scans = scans(store) - scansBefore;
        elapsed = serverMillis(store) - begun;
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
        late = used();
        backendsAfter = backends(store);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        assertThat(statements(pool)).isEqualTo(0);
      }
      assertThat(others).isEmpty();
      assertThat(backendsAfter).as("no connection was evicted").containsAll(backends);
      assertThat(backendsAfter.size() - backends.size())
          .as("the side channel alone")
          .isBetween(0, 1);
      while (Thread.activeCount() > threadsBefore + 2) {
        LockSupport.parkNanos(1_000_000);
      }
      report(refuse, early, late, scans);
      assertThat(refusals.get() > 0).isEqualTo(refuse);
      if (!refuse) {
        // A backend tells what it has scanned within a second: some of it was before.
        long leases = (elapsed + 1_000) / LEASE.toMillis();
        assertThat((long) scans).isBetween(0L, leases + 2 + POOL);
      }
      assertThat(late - early).as("bytes more in use").isLessThan(16L << 20);
    }
  }

  private static HikariDataSource pool(String url) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setDriverClassName(GuardedDriver.class.getName());
    config.setMinimumIdle(POOL);
    config.setMaximumPoolSize(POOL);
    config.setMaxLifetime(0);
    config.setIdleTimeout(0);
    HikariDataSource pool = new HikariDataSource(config);
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < POOL; i++) {
      all.add(pool.getConnection());
    }
    for (Connection connection : all) {
      connection.close();
    }
    return pool;
  }

  private List<Thread> readers(HikariDataSource pool) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(() -> read(pool), "load " + i);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private void read(HikariDataSource pool) {
    while (!stop.get()) {
      try (Connection connection = pool.getConnection()) {
        assertThat(ids(connection, READ)).hasSize(3);
        reads.incrementAndGet();
      } catch (SQLException e) {
        if (String.valueOf(e.getSQLState()).startsWith("RG")) {
          refusals.incrementAndGet();
        } else {
          others.add(e);
        }
      } catch (RuntimeException | AssertionError e) {
        others.add(e);
      }
    }
  }

  /** So much of the time; with refusals half of it is closed, in turns. */
  private static void pause(CertifiedStore store, boolean refuse, double share)
      throws SQLException {
    long steps = (long) (TIME.toMillis() * share / 250);
    for (int i = 0; i < steps; i++) {
      if (refuse) {
        store.status(i % 2 == 0 ? "FAILED" : "CERTIFIED");
      }
      LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
    }
    store.admin("SELECT pg_stat_force_next_flush()");
  }

  private static int scans(CertifiedStore store) throws SQLException {
    return ids(store.admin, SCANS).get(0);
  }

  private static long serverMillis(CertifiedStore store) throws SQLException {
    String now =
        "SELECT (extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000)::int";
    return ids(store.admin, now).get(0);
  }

  private static List<Integer> backends(CertifiedStore store) throws SQLException {
    return ids(
        store.admin,
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            + " AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }

  /** What the sessions hold prepared, beside what pgjdbc keeps by its own cache. */
  private static int statements(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return ids(
              connection,
              "SELECT greatest(0, count(*) - 256)::int FROM pg_catalog.pg_prepared_statements")
          .get(0);
    }
  }

  private static long used() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  private void report(boolean refuse, long early, long late, int scans) throws Exception {
    Path file = Path.of("target", "reports", "load.md");
    Files.createDirectories(file.getParent());
    String line =
        String.format(
            Locale.ROOT,
            "%d threads, %d connections, %d s, lease %d ms, refusals %s: %,d reads, %,d refusals; heap after full GC"
                + " %.1f MB after a quarter, %.1f MB at the end; %d reads of the registry in the last three quarters%n",
            THREADS,
            POOL,
            TIME.toSeconds(),
            LEASE.toMillis(),
            refuse ? "on" : "off",
            reads.get(),
            refusals.get(),
            early / 1048576.0,
            late / 1048576.0,
            scans);
    Files.writeString(file, (Files.exists(file) && refuse ? Files.readString(file) : "") + line);
  }
}
