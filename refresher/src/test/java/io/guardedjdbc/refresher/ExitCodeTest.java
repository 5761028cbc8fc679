package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Door;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.testing.Postgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every way to be told no before anything is changed. */
class ExitCodeTest {
  private static Shop shop;

  @BeforeAll
  static void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void theNumbersAreForever() {
    assertThat(List.of(ExitCode.values()))
        .extracting(ExitCode::code)
        .containsExactly(0, 1, 2, 3, 4, 130, 143);
  }

  @Test
  void ofSeveralStoresTheWorstCounts() {
    assertThat(ExitCode.worst(List.of(ExitCode.OK, ExitCode.NOT_CERTIFIED)))
        .isEqualTo(ExitCode.NOT_CERTIFIED);
    assertThat(ExitCode.worst(List.of(ExitCode.COULD_NOT_CHECK, ExitCode.NOT_CERTIFIED)))
        .isEqualTo(ExitCode.COULD_NOT_CHECK);
    assertThat(ExitCode.worst(List.of(ExitCode.COULD_NOT_CHECK, ExitCode.LOCKED)))
        .isEqualTo(ExitCode.LOCKED);
    assertThat(ExitCode.worst(List.of(ExitCode.USAGE, ExitCode.LOCKED))).isEqualTo(ExitCode.USAGE);
    assertThat(ExitCode.worst(List.of())).isEqualTo(ExitCode.OK);
  }

  @Test
  void aMissingOrUnknownCommandIsUsage() {
    expect(shop.cli().run(), 2, "a command is missing", "Commands: init");
    expect(shop.cli().run("rnu"), 2, "Unknown command 'rnu'; did you mean run?");
    expect(
        shop.cli().run("run", "shop", "--mdoe", "atomic"),
        2,
        "Unknown option '--mdoe'; did you mean --mode?");
    expect(shop.cli().run("run"), 2, "STORE");
    assertThat(shop.expectOk("help", "run").out()).contains("--mode", "--parallel");
    expect(shop.cli().run("help", "rnu"), 2, "'rnu'", "Commands: init");
    expect(
        shop.cli().run("run", "shop", "--lock-timeout", "soon"),
        2,
        "--lock-timeout is 'soon'; expected a duration");
    expect(
        shop.cli().run("run", "shop", "--statement-timeout", "600000h"),
        2,
        "--statement-timeout is '600000h'; expected 1ms to 24d");
    expect(
        shop.cli().run("run", "shop", "--lock-timeout", "PT0.0004S"),
        2,
        "--lock-timeout is 'PT0.0004S'; expected 1ms to 24d");
    expect(
        shop.cli().run("run", "shop", "--transaction-timeout", "0"),
        2,
        "--transaction-timeout is '0'; expected a duration");
  }

  @Test
  void anUnknownModeListsThoseThereAre() {
    expect(
        shop.cli().run("run", "shop", "--mode", "fast"),
        2,
        "expected one of atomic, staged, blocking");
    expect(shop.cli().run("run", "shop", "--parallel", "0"), 2, "--parallel is 0; expected 1 to");
  }

  @Test
  void anUnknownStoreListsThoseThereAre() {
    for (String verb : List.of("run", "certify", "plan", "status", "explain")) {
      expect(shop.cli().run(verb, "shpo"), 2, "Unknown store 'shpo'", "shop");
    }
    expect(shop.cli().run("baseline", "propose", "shpo"), 2, "did you mean shop?");
    expect(
        shop.cli().run("baseline", "approve", "999", "--reviewer", "a", "--reason", "b"),
        2,
        "There is no proposal 999");
    expect(shop.cli().run("explain", "999999"), 2, "There is no run 999999");
  }

  @Test
  void aBrokenFileTellsEveryComplaintAndChangesNothing() throws SQLException {
    String before = shop.registry();
    String file =
        Shop.file("bad.yaml", "store: shop\nentrypont: shop.features_v\nlease: x\n").toString();
    for (String verb : List.of("init", "run", "plan")) {
      Cli.Result result = shop.cli().run(verb, file);
      expect(
          result,
          2,
          "bad.yaml:2: 'entrypont' is no known key; did you mean 'entrypoint'?",
          "bad.yaml:3:");
      assertThat(result.err()).contains("'gates' is missing").doesNotContain("Exception");
    }
    expect(shop.cli().run("run", "no/such.yaml"), 2, "No such file: no/such.yaml");
    assertThat(shop.registry()).isEqualTo(before);
  }

  @Test
  void aMisspelledNameIsGivenTheNearestThereIs() {
    expect(shop.cli().run("status", "shp"), 2, "Unknown store 'shp' (did you mean shop?)");
    expect(shop.cli().run("explain", "dataset-hsh"), 2, "or gate dataset-hash?");
    expect(shop.cli().run("baseline", "diff", "x"), 2, "'x' is no number");
  }

  @Test
  void theFirstLineOfEveryCommandSaysAllOfWhatItDoes() {
    String help = shop.expectOk("--help").out();
    String commands = help.substring(help.indexOf("Commands:"), help.indexOf("Exit codes:"));
    assertThat(commands.strip().split("\\R {2}(?=\\S)"))
        .allMatch(text -> text.matches("(?s)Commands:|.*\\.( |\\R)*|.*specified command\\..*"));
  }

  @Test
  void initWritesAllOfItsFilesOrNothing() throws SQLException {
    Shop bare = Shop.bare();
    String good = Shop.yaml().toString();
    String missing =
        Shop.file(
                "other.yaml",
                "store: other\nentrypoint: shop.nothing_v\nkey: a\nanchor: b\ngates:\n  key-unique: {}\n")
            .toString();
    expect(
        bare.cli().run("init", good, missing),
        2,
        "other.yaml:2: the entrypoint shop.nothing_v does not exist. Nothing was done");
    assertThat(bare.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'audit'"))
        .isEqualTo("0");
    String column =
        Shop.file(
                "other.yaml",
                "store: other\nentrypoint: shop.returns_v\nkey: a\nanchor: b\ngates:\n  key-unique: {}\n")
            .toString();
    String third =
        Shop.file(
                "third.yaml",
                "store: third\nentrypoint: shop.returns_v\nkey: c\nanchor: d\ngates:\n  key-unique: {}\n")
            .toString();
    expect(
        bare.cli().run("init", column, good, third),
        2,
        "third.yaml:3: shop.returns_v has no column c",
        "other.yaml:3: shop.returns_v has no column a",
        "other.yaml:4: shop.returns_v has no column b",
        "other.yaml: 2 complaints, nothing was done");
    assertThat(bare.ask("SELECT count(*) FROM audit.entrypoint_policy")).isEqualTo("0");
  }

  @Test
  void anEntrypointThatIsNotThereIsConfiguration() {
    String yaml = Shop.resource("shop/shop.yaml").replace("shop.features_v", "shop.nowhere_v");
    expect(
        shop.cli().run("init", Shop.file("s.yaml", yaml).toString()),
        2,
        "s.yaml:2: the entrypoint shop.nowhere_v does not exist");
  }

  @Test
  void anEntrypointThatWasDroppedIsToldByEveryCommandAndChangesNothing() throws SQLException {
    Shop other = Shop.certified();
    String before = other.registry();
    other.sql("DROP VIEW shop.features_v CASCADE");
    for (String line :
        List.of(
            "plan shop",
            "run shop",
            "certify shop",
            "baseline propose shop",
            "extend shop --for 1h --reviewer a --reason b",
            "seal shop",
            "graph shop")) {
      expect(
          other.cli().run(line.split(" ")),
          2,
          "he entrypoint shop.features_v of store shop does not exist. Create it again, or name another",
          "run: refresher init");
    }
    Cli.Result status = other.cli().run("status");
    assertThat(status.exit()).isEqualTo(1);
    assertThat(status.out()).contains("CLOSED", "the entrypoint does not exist. Create it again");
    assertThat(other.registry()).isEqualTo(before);
  }

  @Test
  void aCycleIsNamedAndNothingIsRefreshed() throws SQLException {
    Shop other = Shop.withBriefLeases();
    String before = other.registry();
    String yaml =
        Shop.resource("shop/shop.yaml")
            + "\nedges:\n  - {from: shop.orders_mv, to: shop.daily_mv}\n";
    String file = Shop.file("s.yaml", yaml).toString();
    for (String verb : List.of("plan", "run")) {
      expect(
          other.cli().run(verb, file),
          2,
          "s.yaml:29: the refresh order of store shop has a cycle: shop.daily_mv needs",
          "shop.orders_mv needs",
          "Take one of its edges out",
          "s.yaml: 1 complaint, nothing was done");
    }
    assertThat(other.registry()).isEqualTo(before);
    assertThat(other.ask("SELECT count(*) FROM audit.declared_edge")).isEqualTo("0");
    other.expectOk("plan", "shop");
  }

  @Test
  void namesThatAreNowhereAreToldAllAtOnce() throws SQLException {
    Shop other = Shop.withBriefLeases();
    String yaml =
        Shop.resource("shop/shop.yaml")
                .replace("after: [shop.daily_mv]", "after: [shop.dayly_mv]")
                .replace("target: shop.rates", "target: shop.rate")
            + "\nedges:\n  - {from: shop.orders_mv, to: shop.daily_mv}\n  - {from: shop.orders_vm, to: shop.orders_mv}\n";
    String file = Shop.file("s.yaml", yaml).toString();
    for (String verb : List.of("init", "plan", "run")) {
      expect(
          other.cli().run(verb, file),
          2,
          "s.yaml:22: step rebuild-rates: target shop.rate does not exist",
          "s.yaml:23: step rebuild-rates: after shop.dayly_mv does not exist",
          "s.yaml:31: edges: from shop.orders_vm does not exist",
          "s.yaml: 3 complaints, nothing was done");
    }
    assertThat(other.ask("SELECT count(*) FROM audit.declared_edge")).isEqualTo("0");
  }

  @Test
  void aFaultOfOursIsNoFailedGate() {
    Map<String, String> env = Map.of("GUARDED_URL", shop.url(), "HOSTNAME", "h");
    RefresherApp app =
        new RefresherApp(
            env,
            () -> {
              throw new IllegalStateException("no time");
            },
            io.guardedjdbc.refresher.report.Paint.PLAIN);
    java.io.StringWriter out = new java.io.StringWriter();
    java.io.StringWriter err = new java.io.StringWriter();
    int code =
        app.execute(
            new java.io.PrintWriter(out), new java.io.PrintWriter(err), "run", "shop", "--json");
    assertThat(code).isEqualTo(3);
    assertThat(err.toString()).contains("no time").doesNotContain("\tat ").hasLineCount(1);
    assertThat(out.toString()).contains("\"exit_code\"");
  }

  @Test
  void aSignalBeforeTheNextStoreIsTheCode() {
    RefresherApp app =
        new RefresherApp(
            Map.of("GUARDED_URL", shop.url()),
            java.time.InstantSource.system(),
            io.guardedjdbc.refresher.report.Paint.PLAIN);
    app.interrupt(ExitCode.TERMINATED);
    java.io.StringWriter out = new java.io.StringWriter();
    int code =
        app.execute(
            new java.io.PrintWriter(out),
            new java.io.PrintWriter(new java.io.StringWriter()),
            "run",
            "shop",
            "--json");
    assertThat(code).isEqualTo(143);
    assertThat(out.toString()).contains("143");
  }

  @Test
  void initNamesTheProceduresThatItLeaves() throws SQLException {
    Shop other = Shop.bare();
    other.sql(
        "CREATE SCHEMA audit; CREATE PROCEDURE audit.refresh_and_certify_shop(p_raise boolean DEFAULT true) LANGUAGE plpgsql AS 'BEGIN END'");
    assertThat(other.expectOk("init", Shop.yaml().toString()).out())
        .contains("audit.refresh_and_certify_shop was here before and stays as it is")
        .doesNotContain("audit.run_t0_cert_shop was here");
  }

  @Test
  void aUrlIsNeededAndMustBeOurs() {
    expect(new Cli(Map.of()).run("status"), 2, "give --url");
    expect(
        new Cli("jdbc:mysql://x/y").run("status"), 2, "Not a PostgreSQL URL: 'jdbc:mysql://x/y'");
    expect(
        new Cli("jdbc:postgresql://x/y?service=nowhere").run("status"),
        2,
        "The URL 'jdbc:postgresql://x/y' names a service that is in no service file");
  }

  /** pgjdbc would warn of it by a logger, too. */
  @Test
  void theProgramPrintsOneLineOfAUrlThatIsWrong() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.guardedjdbc.refresher.Refresher",
                "status",
                "--url",
                "jdbc:postgresql://localhost:nowhere/x")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(err)
        .isEqualTo(
            "Not a PostgreSQL URL: 'jdbc:postgresql://localhost:nowhere/x'; expected jdbc:postgresql://HOST:PORT/DATABASE\n");
  }

  @Test
  void noServerCouldNotBeChecked() {
    expect(
        new Cli("jdbc:postgresql://localhost:1/x").run("status"),
        3,
        "Can't connect to localhost:1/x");
    expect(new Cli(Postgres.shared().url("no_such_db")).run("run", "shop"), 3, "no_such_db");
    expect(
        new Cli(shop.url() + "&sslmode=require").run("status"),
        3,
        "The server does not support SSL. Check --url");
    expect(new Cli(shop.url() + "&sslmode=maybe").run("status"), 3, "sslmode value: maybe");
    expect(
        new Cli(Postgres.shared().url("postgres")).run("run", "shop"),
        3,
        "no audit schema of ours. Run: refresher init");
  }

  /** The server's answers are made those of an older one on their way. */
  @Test
  void aServerThatIsTooOldIsToldBeforeAnythingElse() throws Exception {
    String version = shop.ask("SELECT current_setting('server_version')").replaceAll(" .*", "");
    String older = "13" + version.substring(2);
    String number = shop.ask("SELECT current_setting('server_version_num')");
    String before = shop.registry();
    String runs = shop.ask("SELECT count(*) FROM audit.run");
    try (Door door =
        new Door(
            shop.url(),
            (piece, fromClient) ->
                Optional.of(
                    fromClient
                        ? piece
                        : piece
                            .replace(number, "13" + number.substring(2))
                            .replace(version, older)))) {
      String file = Shop.yaml().toString();
      for (String line :
          List.of(
              "init " + file,
              "init --dry-run " + file,
              "plan shop",
              "plan " + file,
              "run shop",
              "certify shop",
              "extend shop --for 1h --reviewer a --reason b",
              "status",
              "explain shop",
              "baseline list",
              "baseline propose shop",
              "graph shop",
              "doctor",
              "seal shop",
              "uninstall --yes")) {
        Cli.Result result = new Cli(door.url()).run(line.split(" "));
        assertThat(result.exit()).as(line + ": " + result).isEqualTo(3);
        assertThat(result.err())
            .as(line)
            .isEqualTo("PostgreSQL " + older + " is too old; 14 or newer is needed\n");
      }
    }
    assertThat(shop.registry()).isEqualTo(before);
    assertThat(shop.ask("SELECT count(*) FROM audit.run")).isEqualTo(runs);
  }

  @Test
  void secretsAreNotPrinted() {
    String url = "jdbc:postgresql://localhost:1/x?user=u&password=hunter2";
    Cli.Result result =
        new Cli(Map.of("PGPASSWORD", "hunter3")).run("status", "--url", url, "--verbose");
    assertThat(result.exit()).isEqualTo(3);
    assertThat(result.out() + result.err()).doesNotContain("hunter");
    Cli.Result wrong =
        new Cli(Map.of())
            .run("status", "--url", "jdbc:postgres://u:hunter2@localhost/x?password=hunter2");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.out() + wrong.err()).doesNotContain("hunter");
  }

  @Test
  void aMissingPrivilegeNamesTheGrant() throws SQLException {
    shop.sql("DROP ROLE IF EXISTS shop_clerk; CREATE ROLE shop_clerk LOGIN");
    Cli clerk = new Cli(Postgres.shared().url("jdbc:postgresql:", shop.database(), "shop_clerk"));
    expect(
        clerk.run("run", "shop"),
        3,
        "schema audit belongs to postgres",
        "GRANT postgres TO shop_clerk");
    expect(clerk.run("plan", "shop"), 3, "GRANT postgres TO shop_clerk");
    assertThat(clerk.run("status").exit()).as("anybody may ask how stores stand").isZero();
    shop.sql("REVOKE USAGE ON SCHEMA audit FROM PUBLIC");
    expect(clerk.run("status"), 3, "GRANT USAGE ON SCHEMA audit TO shop_clerk");
    shop.sql("GRANT USAGE ON SCHEMA audit TO PUBLIC");
  }

  private static void expect(Cli.Result result, int exit, String... parts) {
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(result.err()).contains(parts).doesNotContain("\tat ");
  }
}
