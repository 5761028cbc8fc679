package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
  private final SharedGuardMap shared =
      new SharedGuardMap(GuardMapOptions.DEFAULT, clock::get, this::registered);
  private final AtomicInteger registryReadings = new AtomicInteger();
  private Registered registry;
  private TestDatabase database;
  private CatalogChannel channel;

  @BeforeEach
  void create() throws SQLException {
    database = new TestDatabase(TestDatabase.RUNBOOK, TestDatabase.STORE);
    registry = database::registered;
    channel =
        reading -> {
          readings.incrementAndGet();
          return reading.on(database.connection);
        };
  }

  private Registered.Rows registered(long nanos, Connection reader) throws SQLException {
    registryReadings.incrementAndGet();
    return registry.after(nanos, reader);
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
  void anotherRowInTheRegistryIsAnotherMap() throws SQLException {
    GuardMap first = map(current(channel));
    database.execute("insert into audit.t0_cert_registry(entrypoint) values ('ml.raw')");
    clock.addAndGet(LEASE_NANOS + 1);
    GuardMap second = map(shared.refreshIfChanged(channel, LEASE));
    assertThat(first.entrypoints()).containsExactly("ml.store");
    assertThat(second.entrypoints()).containsExactlyInAnyOrder("ml.store", "ml.raw");
    database.execute("delete from audit.t0_cert_registry where entrypoint = 'ml.raw'");
    clock.addAndGet(LEASE_NANOS + 1);
    assertThat(map(shared.refreshIfChanged(channel, LEASE)).entrypoints())
        .containsExactly("ml.store");
    assertThat(registryReadings).hasValue(2);
  }

  @Test
  void rowsThatOthersHaveReadConfirmTheMapAsLongAsTheyWould() throws SQLException {
    GuardMap first = map(current(channel));
    clock.addAndGet(LEASE_NANOS + 100);
    long read = clock.get() - LEASE_NANOS + 50;
    registry =
        (nanos, reader) -> {
          assertThat(nanos).isEqualTo(clock.get() - LEASE_NANOS);
          return new Registered.Rows(Set.of("ml.store"), read);
        };
    assertThat(map(shared.refreshIfChanged(channel, LEASE))).isSameAs(first);
    clock.addAndGet(50);
    assertThat(shared.confirmed(clock.get(), LEASE)).isSameAs(first);
    clock.addAndGet(1);
    assertThat(shared.confirmed(clock.get(), LEASE)).isNull();
  }

  @Test
  void aTimeoutOnTheRegistryIsNoOtherMap() throws SQLException {
    GuardMap first = map(current(channel));
    clock.addAndGet(LEASE_NANOS + 1);
    registry =
        (nanos, reader) -> {
          throw new SQLException("canceling statement due to statement timeout", "57014");
        };
    assertThatThrownBy(() -> shared.refreshIfChanged(channel, LEASE))
        .hasMessageContaining("statement timeout");
    assertThat(shared.known()).isSameAs(first);
    registry =
        (nanos, reader) -> {
          throw new SQLException("column c.lease does not exist", "42703");
        };
    assertThat(map(shared.refreshIfChanged(channel, LEASE))).isNotSameAs(first);
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
