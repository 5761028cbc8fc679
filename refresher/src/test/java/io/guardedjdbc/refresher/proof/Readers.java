package io.guardedjdbc.refresher.proof;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.guardedjdbc.GuardedDriver;
import io.guardedjdbc.guard.OpenedWithParts;
import io.guardedjdbc.guard.ReaderProtection;
import io.guardedjdbc.refresher.proof.Reader.Kind;
import io.guardedjdbc.refresher.proof.Reader.Opened;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Connections for readers of each kind, where nothing is broken. */
final class Readers implements AutoCloseable {
  /** A store that stands on another needs two certificates: no pin fits both. */
  private static final List<String> PINNED =
      List.of(ProofStore.ONE, ProofStore.TWO, ProofStore.FOUR, ProofStore.OLD);

  private static final int POOLED = 3;

  private final ProofStore direct;
  private final ProofStore wired;
  private final @Nullable Standby standby;
  private final FaultyClock clock;
  private final Calm calm;
  private final HikariDataSource pool;

  Readers(
      ProofStore direct,
      ProofStore wired,
      @Nullable Standby standby,
      FaultyClock clock,
      Calm calm) {
    this.direct = direct;
    this.wired = wired;
    this.standby = standby;
    this.clock = clock;
    this.calm = calm;
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(guarded(wired));
    config.setDriverClassName(GuardedDriver.class.getName());
    config.setMaximumPoolSize(POOLED);
    config.setConnectionTimeout(5000);
    config.setInitializationFailTimeout(-1);
    this.pool = new HikariDataSource(config);
  }

  /** What the n-th reader is: all kinds are there, those that read most twice. */
  Kind kind(int n) {
    List<Kind> kinds =
        List.of(
            Kind.PARTS,
            Kind.BUSY,
            Kind.POOLED,
            Kind.PINNED,
            Kind.ROLE,
            Kind.STANDBY,
            Kind.PARTS,
            Kind.DRIVER,
            Kind.POOLED,
            Kind.BUSY,
            Kind.PARTS,
            Kind.POOLED);
    Kind kind = kinds.get(n % kinds.size());
    return kind == Kind.STANDBY && standby == null ? Kind.DRIVER : kind;
  }

  Opened open(Kind kind, Random random) throws SQLException {
    boolean always = random.nextInt(3) == 0;
    return switch (kind) {
      case PARTS -> opened(withParts(always, null), Habits.ALL);
      case DRIVER -> opened(byDriver(wired, always, null), Habits.ALL);
      case BUSY -> opened(byDriver(direct, always, null), Habits.ALL.withoutPauses());
      case POOLED -> opened(pool.getConnection(), Habits.ALL.withoutPauses());
      case ROLE -> opened(byDriver(wired.asReader(), always, null), Habits.ALL);
      case STANDBY ->
          opened(
              byDriver(Objects.requireNonNull(standby).onStandby(), false, null),
              Habits.ALL.onStandby());
      case PINNED -> pinned(random);
    };
  }

  private Opened opened(Connection connection, Habits habits) {
    return new Opened(connection, habits, null, calm.now());
  }

  private Opened pinned(Random random) throws SQLException {
    long then = calm.now();
    String entrypoint = PINNED.get(random.nextInt(PINNED.size()));
    String pin = direct.certificate(entrypoint);
    if (pin.isEmpty()) {
      throw new SQLException("nothing to be pinned to", "RG001");
    }
    Connection connection =
        random.nextBoolean() ? withParts(false, pin) : byDriver(wired, false, pin);
    return new Opened(connection, Habits.ALL.of(entrypoint), pin, then);
  }

  private Connection withParts(boolean always, @Nullable String pin) throws SQLException {
    return new OpenedWithParts(
            wired.url(), wired.url(), "proof " + wired.url(), clock, ReaderProtection.NONE)
        .open(always, pin);
  }

  private static Connection byDriver(ProofStore store, boolean always, @Nullable String pin)
      throws SQLException {
    Properties properties = new Properties();
    if (always) {
      properties.setProperty("guard.validation", "always");
    }
    if (pin != null) {
      properties.setProperty("guard.certificate", pin);
    }
    return Objects.requireNonNull(new GuardedDriver().connect(guarded(store), properties));
  }

  private static String guarded(ProofStore store) {
    return store.url().replace("jdbc:", "jdbc:guarded:");
  }

  @Override
  public void close() {
    pool.close();
  }
}
