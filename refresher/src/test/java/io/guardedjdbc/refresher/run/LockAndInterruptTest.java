package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs that meet another run, somebody's lock, a signal, or their death. */
@Tag("postgres14")
class LockAndInterruptTest {
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

  private Shop shop;
  private String registry = "";
  private String rows = "";
  private volatile Optional<Connection> lock = Optional.empty();

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
    registry = shop.registry();
    rows = shop.rows();
  }

  @Test
  void aSecondRunEndsAtOnceAndSaysWhoHoldsTheLock() {
    List<Cli.Result> second = new ArrayList<>();
    RunResult first = Hook.run(shop, "refresh", () -> second.add(shop.cli().run("run", "shop")));
    assertThat(first.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(second.get(0).exit()).isEqualTo(4);
    assertThat(second.get(0).err())
        .contains("Another run holds the lock of store shop: pid ")
        .contains(
            "guarded-jdbc refresher shop, user postgres, run "
                + first.header().runId()
                + ", since 20")
        .contains("Nothing was done");
  }

  /** The server may take its time to end a connection that was closed. */
  @Test
  void theLockIsFreeOnceTheRunIsOver() throws SQLException {
    List<Connection> open = new ArrayList<>();
    RunResult result =
        cycle(name -> closedLate(Target.of(shop.url(), null, Map.of()).open(name), open))
            .run(StoreArgument.of("shop"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    shop.expectOk("run", "shop");
    for (Connection connection : open) {
      connection.close();
    }
  }

  /** As such a pooler does with clients that are idle between their transactions. */
  @Test
  void aPoolerOfTransactionsIsRefusedBeforeAnythingIsDone() throws SQLException {
    List<Connection> open = new ArrayList<>();
    try (Connection backend = shop.connect()) {
      RunCycle cycle = cycle(name -> closedLate(backend, open));
      assertThatThrownBy(() -> cycle.run(StoreArgument.of("shop")))
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.exitCode()).isEqualTo(ExitCode.COULD_NOT_CHECK);
                assertThat(failure)
                    .hasMessageContaining(
                        "a pooler that shares server connections between transactions");
              });
    }
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.ask("SELECT count(*) FROM audit.run")).isEqualTo("1");
  }

  private RunCycle cycle(Connector connector) {
    return new RunCycle(
        connector,
        new RunOptions(
            true,
            Optional.empty(),
            2,
            RunLimits.ofLocks(Duration.ofSeconds(1), 2),
            "run",
            "test-host"),
        RunListener.NONE,
        new Interruption(),
        InstantSource.system(),
        new WriterClock(InstantSource.system()));
  }

  private static Connection closedLate(Connection real, List<Connection> open) {
    open.add(real);
    return (Connection)
        Proxy.newProxyInstance(
            LockAndInterruptTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, args) ->
                method.getName().equals("close") ? null : method.invoke(real, args));
  }

  /** They are looked at by the connection that records, which a request leaves alone else. */
  @Test
  void aRequestEndsDefinitionGatesThatWaitBeforeTheCommit() throws Exception {
    Interruption interruption = new Interruption();
    Duration patience = Duration.ofSeconds(60);
    RunListener locking =
        new RunListener() {
          @Override
          public void phase(String title) {
            if (title.startsWith("publish")) {
              lockTheBaseline();
            }
          }
        };
    CompletableFuture<RunResult> run =
        CompletableFuture.supplyAsync(
            () ->
                new RunCycle(
                        Target.of(shop.url(), null, Map.of()),
                        new RunOptions(
                            true,
                            Optional.empty(),
                            2,
                            RunLimits.ofLocks(patience, 2),
                            "run",
                            "test-host"),
                        locking,
                        interruption,
                        InstantSource.system())
                    .run(StoreArgument.of("shop")));
    await(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '% history' AND wait_event_type = 'Lock' AND datname = current_database()",
        "1");
    interruption.request();
    RunResult result = run.get(20, TimeUnit.SECONDS);
    lock.orElseThrow().close();
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.INTERRUPTED);
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.rows()).isEqualTo(rows);
    assertThat(shop.lastRun()).startsWith("interrupted: ");
  }

  private void lockTheBaseline() {
    try {
      Connection other = shop.connect();
      lock = Optional.of(other);
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        statement.execute("LOCK TABLE audit.definition_baseline");
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aConnectionOfTheRunThatCanNotBeSetUpIsClosedWithTheOther() throws SQLException {
    List<String> open = new ArrayList<>();
    RunOptions options =
        new RunOptions(
            true,
            Optional.empty(),
            2,
            RunLimits.ofLocks(Duration.ofSeconds(1), 2),
            "run",
            "test-host");
    assertThatThrownBy(
            () ->
                RunSessions.open(
                    name -> {
                      open.add(name);
                      Connection real = Target.of(shop.url(), null, Map.of()).open(name);
                      return watched(
                          real,
                          method -> {
                            if (method.equals("close")) {
                              open.remove(name);
                            } else if (method.startsWith("prepare") && name.endsWith("history")) {
                              throw new SQLException("lost", "08006");
                            }
                          });
                    },
                    "shop",
                    options))
        .hasMessage("lost");
    assertThat(open).isEmpty();
  }

  @FunctionalInterface
  private interface Watch {
    void called(String method) throws SQLException;
  }

  private static Connection watched(Connection real, Watch watch) {
    return (Connection)
        Proxy.newProxyInstance(
            LockAndInterruptTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, args) -> {
              watch.called(method.getName());
              return method.invoke(real, args);
            });
  }

  @Test
  void theLockOfTheSqlProceduresIsTheSameLock() throws SQLException {
    Cli.Result result =
        meeting(4, holder("nightly psql", "CALL audit.run_t0_cert_shop()"), "run", "shop");
    assertThat(result.err()).contains("nightly psql");
  }

  /** Where the definitions are read, before anything is refreshed. */
  @Test
  void aLockOnAnInputIsTriedAgainAndItsHolderIsNamed() throws SQLException {
    Cli.Result result =
        meeting(
            3,
            holder("migration", "LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE"),
            "run",
            "shop",
            "--lock-timeout",
            "200ms",
            "--attempts",
            "2");
    assertThat(result.out().lines())
        .filteredOn(
            line ->
                line.contains("definitions of store shop: ")
                    && line.contains(", migration holds AccessExclusiveLock on shop.orders"))
        .hasSize(2);
    assertThat(result.err()).contains(", migration holds AccessExclusiveLock on shop.orders)");
    assertThat(shop.registry()).isEqualTo(registry);
    shop.expectOk("run", "shop");
  }

  @Test
  void aLockInTheWayIsWaitedForOnlySoLongAndItsHolderIsNamed() throws SQLException {
    Cli.Result result = meetingRefresh("--lock-timeout", "200ms", "--attempts", "2");
    assertThat(result.out()).contains("attempt 1 of 2 rolled back", "report tool holds");
    assertThat(result.err()).contains("lock timeout (pid ", "report tool holds", "--lock-timeout");
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.lastRun()).startsWith("error: ");
    shop.expectOk("run", "shop");
  }

  @Test
  void aTransactionThatLastsTooLongIsRolledBack() throws SQLException {
    Cli.Result waiting = meetingRefresh("--lock-timeout", "60s", "--transaction-timeout", "300ms");
    assertThat(waiting.err())
        .contains("The transaction lasted longer than 300 ms and was rolled back")
        .contains("--mode staged");
    Cli.Result working = shop.cli().run("run", "shop", "--transaction-timeout", "1ms");
    assertThat(working.exit()).as(working.toString()).isEqualTo(3);
    assertThat(working.err()).contains("The transaction lasted longer than 1 ms");
    assertThat(shop.registry()).isEqualTo(registry);
    shop.expectOk("run", "shop", "--transaction-timeout", "10m");
  }

  @Test
  void aStatementThatTakesTooLongIsCancelled() throws SQLException {
    Cli.Result result = meetingRefresh("--lock-timeout", "60s", "--statement-timeout", "2s");
    assertThat(result.err()).contains("--statement-timeout");
    assertThat(shop.registry()).isEqualTo(registry);
    shop.expectOk("run", "shop", "--statement-timeout", "10m");
  }

  @Test
  void aStoreThatCantBeClosedIsSaidLoudAndItsLockHolderNamed() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(code) $$");
    Cli.Result result =
        meeting(
            3,
            holder("somebody in psql", "SELECT FROM audit.t0_cert_registry FOR UPDATE"),
            "run",
            "shop",
            "--lock-timeout",
            "200ms",
            "--attempts",
            "2");
    assertThat(result.err())
        .contains("shop.features_v must be closed to readers and is not yet", "somebody in psql");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(shop.registry()).startsWith("FAILED");
  }

  @Test
  void anInterruptedRunIsRolledBackAndRecorded() throws Exception {
    Cli cli = shop.cli();
    Cli.Result result;
    try (Connection other = refreshing()) {
      CompletableFuture<Cli.Result> run =
          CompletableFuture.supplyAsync(() -> cli.run("run", "shop", "--lock-timeout", "60s"));
      await(WAITING, "1");
      cli.interrupt();
      result = run.get(20, TimeUnit.SECONDS);
      other.rollback();
    }
    assertThat(result.exit()).as(result.toString()).isEqualTo(130);
    assertThat(result.err()).contains("Interrupted: rolled back and recorded");
    assertThat(shop.lastRun()).startsWith("interrupted: ");
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.rows()).isEqualTo(rows);
  }

  @Test
  void sigintAndSigtermRollBackRecordAndEndWith130And143() throws Exception {
    List<Object> term = List.of("TERM", 143);
    List<Object> sigint = List.of("INT", 130);
    for (List<Object> signal : sigintIsIgnored() ? List.of(term) : List.of(sigint, term)) {
      try (Connection other = refreshing()) {
        Process process = start();
        await(WAITING, "1");
        signal(process, (String) signal.get(0));
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(signal.get(1));
        other.rollback();
      }
      assertThat(shop.lastRun()).startsWith("interrupted: ");
      assertThat(shop.registry()).isEqualTo(registry);
    }
  }

  /**
   * Whether whoever started these tests ignores SIGINT, as a shell does for what it starts in the
   * background: children inherit that, and no JVM may undo it.
   */
  private static boolean sigintIsIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16) & 2) != 0;
      }
    }
    return false;
  }

  @Test
  void sigtermDuringTheWaitForLeasesLeavesTheStoreClosedAndEndsWith143() throws Exception {
    Process process = start("--mode", "staged", "--json");
    await("SELECT count(*) FROM audit.run_step WHERE kind = 'wait' AND outcome IS NULL", "1");
    signal(process, "TERM");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .as("the document names the code that the process ends with")
        .contains("\"exit_code\" : 143")
        .doesNotContain("130");
    assertThat(shop.registry()).startsWith("REFRESHING");
    assertThat(shop.rows()).isEqualTo(rows);
    assertThat(shop.lastRun()).startsWith("interrupted: ").contains("REFRESHING");
    assertThat(shop.cli().run("status").out())
        .contains(
            "REFRESHING: closed until a run certifies it. Unless one is at work, run: refresher run shop");
    shop.expectOk("run", "shop");
    assertThat(shop.registry()).startsWith("CERTIFIED");
  }

  /** Slow by an index over an expression, which ANALYZE computes for every row. */
  @Test
  void sigtermDuringAnalyzeEndsItAtOnceAndTheCertificateStands() throws Exception {
    shop.sql(
        "CREATE FUNCTION shop.slowly(region text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT region';"
            + "CREATE INDEX ON shop.daily_mv (shop.slowly(region));"
            + "CREATE OR REPLACE FUNCTION shop.slowly(region text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(1); RETURN region; END'");
    Process process = start("--json");
    await(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ANALYZE %' AND state = 'active' AND datname = current_database()",
        "1");
    signal(process, "TERM");
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("at once").isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .as("the store is certified, and the document names the code that the process ends with")
        .contains("\"exit_code\" : 143", "\"exit_code\" : 0", "\"outcome\" : \"certified\"");
    assertThat(shop.registry()).startsWith("CERTIFIED").isNotEqualTo(registry);
    assertThat(shop.lastRun()).startsWith("certified: ");
    assertThat(
            shop.ask(
                "SELECT count(*) FROM audit.run_step WHERE kind = 'analyze' AND outcome IS NULL"))
        .isEqualTo("0");
  }

  @Test
  void aKilledRunIsMarkedByTheNextOneAndChangedNothing() throws Exception {
    try (Connection other = refreshing()) {
      Process process = start();
      await(WAITING, "1");
      process.destroyForcibly().waitFor();
      shop.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'guarded-jdbc refresher%' AND datname = current_database()");
      await(
          "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'guarded-jdbc refresher%' AND datname = current_database()",
          "0");
      other.rollback();
    }
    assertThat(shop.lastRun()).startsWith("running");
    assertThat(shop.registry()).isEqualTo(registry);
    shop.expectOk("run", "shop");
    assertThat(
            shop.ask(
                "SELECT string_agg(outcome, ', ' ORDER BY run_id) FROM audit.run WHERE run_id > 1"))
        .endsWith("interrupted, certified");
  }

  @Test
  void aConnectionLostInTheMiddleChangesNothingAndIsRecorded() throws SQLException {
    RunResult result =
        Hook.run(
            shop,
            "data",
            () ->
                shop.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guarded-jdbc refresher shop' AND datname = current_database()"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.ERROR);
    assertThat(result.exitCode().code()).isEqualTo(3);
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.lastRun()).startsWith("error: ");
    shop.expectOk("run", "shop");
  }

  /** What a command comes to while somebody holds a lock. */
  private Cli.Result meeting(int exit, Connection holder, String... command) throws SQLException {
    try (holder) {
      Cli.Result result = shop.cli().run(command);
      assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
      holder.rollback();
      return result;
    }
  }

  private Cli.Result meetingRefresh(String... options) throws SQLException {
    List<String> command = new ArrayList<>(List.of("run", "shop"));
    command.addAll(List.of(options));
    return meeting(3, refreshing(), command.toArray(new String[0]));
  }

  /** What a refresh by somebody else, that is not over yet, holds. */
  private Connection refreshing() throws SQLException {
    return holder("report tool", "REFRESH MATERIALIZED VIEW CONCURRENTLY shop.orders_mv");
  }

  /** Somebody whose transaction is open. */
  private Connection holder(String application, String sql) throws SQLException {
    Connection connection = shop.connect();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET application_name = '" + application + "'");
      connection.setAutoCommit(false);
      statement.execute(sql);
    }
    return connection;
  }

  private Process start(String... more) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.guardedjdbc.refresher.Refresher",
            "run",
            "shop",
            "--lock-timeout",
            "60s");
    builder.command().addAll(List.of(more));
    builder.environment().put("GUARDED_URL", shop.url());
    return builder
        .redirectInput(ProcessBuilder.Redirect.INHERIT)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
        .inheritIO()
        .start()
        .waitFor();
  }

  private void await(String query, String answer) throws SQLException {
    for (int i = 0; i < 600; i++) {
      if (shop.ask(query).equals(answer)) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new AssertionError("still not " + answer + ": " + query);
  }
}
