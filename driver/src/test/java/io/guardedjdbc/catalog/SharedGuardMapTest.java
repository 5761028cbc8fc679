package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedGuardMapTest {
  private static final long LEASE_NANOS = 1_000;
  private static final MapAge LEASE = MapAge.ofNanos(LEASE_NANOS);

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 100);
  private final AtomicInteger readings = new AtomicInteger();
  private final SharedGuardMap shared = new SharedGuardMap(GuardMapOptions.DEFAULT, clock::get);
  private TestDatabase database;
  private CatalogChannel channel;

  @BeforeEach
  void create() throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, TestDatabase.STORE);
    channel =
        reading -> {
          readings.incrementAndGet();
          return reading.on(database.connection);
        };
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  /** However old what confirmed it is. */
  private GuardMapLoad current(CatalogChannel by) throws SQLException {
    return shared.refreshIfChanged(by, MapAge.ofNanos(Long.MAX_VALUE / 2));
  }

  private static GuardMap map(GuardMapLoad load) {
    assertThat(load).isInstanceOf(GuardMapLoad.Loaded.class);
    return ((GuardMapLoad.Loaded) load).map();
  }

  @Test
  void readsOnceAndThenKeeps() throws SQLException {
    assertThat(shared.known()).isNull();
    GuardMap first = map(current(channel));
    clock.addAndGet(1_000_000_000_000L);
    assertThat(map(current(channel))).isSameAs(first).isSameAs(shared.known());
    assertThat(readings).hasValue(1);
  }

  @Test
  void asksForTheDigestAtMostOnceInAGivenTime() throws SQLException {
    GuardMap first = map(current(channel));
    clock.addAndGet(LEASE_NANOS);
    assertThat(map(shared.refreshIfChanged(channel, LEASE))).isSameAs(first);
    assertThat(readings).hasValue(1);
    clock.addAndGet(1);
    assertThat(map(shared.refreshIfChanged(channel, LEASE))).isSameAs(first);
    assertThat(readings).hasValue(2);
    assertThat(map(shared.refreshIfChanged(channel, LEASE))).isSameAs(first);
    assertThat(readings).hasValue(2);
  }

  @Test
  void reloadsWithAHigherVersionWhenTheDigestDiffers() throws SQLException {
    GuardMap first = map(current(channel));
    database.execute("create view ml.peek as table ml.store");
    clock.addAndGet(LEASE_NANOS + 1);
    GuardMap second = map(shared.refreshIfChanged(channel, LEASE));
    assertThat(second.version()).isGreaterThan(first.version());
    assertThat(TestDatabase.touched(second, "table ml.peek").entrypoints())
        .containsExactly("ml.store");
  }

  @Test
  void invalidatedIsReadAgainBeforeTheNextUse() throws SQLException {
    GuardMap first = map(current(channel));
    database.execute("create view ml.peek as table ml.store");
    shared.invalidate();
    assertThat(shared.known()).isNull();
    assertThat(map(current(channel))).isNotSameAs(first).isSameAs(shared.known());
  }

  @Test
  void invalidatedWithoutAChangeKeepsTheMap() throws SQLException {
    GuardMap first = map(current(channel));
    shared.invalidate();
    assertThat(map(current(channel))).isSameAs(first);
  }

  @Test
  void aReadingThatBeganBeforeTheInvalidationDoesNotCount() throws SQLException {
    CatalogChannel changesMeanwhile =
        reading -> {
          GuardMapLoad load = channel.call(reading);
          shared.invalidate();
          return load;
        };
    current(changesMeanwhile);
    assertThat(shared.known()).isNull();
  }

  @Test
  void manyThreadsCauseOneReading() throws Exception {
    int threads = 8;
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CatalogChannel slow =
        reading -> {
          inside.countDown();
          awaitUninterrupted(go);
          return channel.call(reading);
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<GuardMapLoad>> loads = new ArrayList<>();
      loads.add(pool.submit(() -> current(slow)));
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
      for (int i = 1; i < threads; i++) {
        loads.add(pool.submit(() -> current(slow)));
      }
      go.countDown();
      for (Future<GuardMapLoad> load : loads) {
        assertThat(map(load.get(10, TimeUnit.SECONDS))).isSameAs(shared.known());
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(readings).hasValue(1);
  }

  @Test
  void aFailureIsToldToThoseWhoWaitedAndNotKept() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CatalogChannel broken =
        reading -> {
          inside.countDown();
          awaitUninterrupted(go);
          throw new SQLException("secret", "08006");
        };
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Future<GuardMapLoad> first = pool.submit(() -> current(broken));
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
      Future<GuardMapLoad> second = pool.submit(() -> current(broken));
      go.countDown();
      assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS)).hasMessageContaining("secret");
      assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(SQLException.class);
    } finally {
      pool.shutdownNow();
    }
    assertThat(map(current(channel)).entrypoints()).containsExactly("ml.store");
  }

  @Test
  void anInterruptedWaiterIsRefusedAndStaysInterrupted() throws Exception {
    CatalogChannel reenters =
        reading -> {
          Thread waiter =
              new Thread(
                  () -> {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(() -> current(channel)).isInstanceOf(GuardRefusal.class);
                    readings.addAndGet(Thread.currentThread().isInterrupted() ? 100 : 0);
                  });
          waiter.start();
          try {
            waiter.join(10_000);
          } catch (InterruptedException e) {
            throw new SQLException(e);
          }
          return channel.call(reading);
        };
    current(reenters);
    assertThat(readings).hasValue(101);
  }

  @Test
  void aWayOfReadingThatWasTakenAwayIsLookedForAnew() throws SQLException {
    map(current(channel));
    database.execute("drop table audit.t0_viewdef_baseline");
    clock.incrementAndGet();
    assertThat(map(shared.refreshIfChanged(channel, MapAge.ofNanos(0))).entrypoints())
        .containsExactly("ml.store");
    clock.incrementAndGet();
    database.execute("drop table audit.t0_cert_registry");
    assertThat(shared.refreshIfChanged(channel, MapAge.ofNanos(0)))
        .isInstanceOf(GuardMapLoad.Unreadable.class);
    assertThat(shared.known()).isNull();
  }

  private static void awaitUninterrupted(CountDownLatch latch) throws SQLException {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new SQLException("nobody let go");
      }
    } catch (InterruptedException e) {
      throw new SQLException(e);
    }
  }
}
