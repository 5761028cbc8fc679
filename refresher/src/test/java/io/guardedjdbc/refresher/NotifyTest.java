package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import com.sun.net.httpserver.HttpServer;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others are told when a store's state changes, and that runs still happen. */
class NotifyTest {
  private static final String BACKFILL =
      "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)";

  @TempDir private Path folder;
  private final List<String> received = new CopyOnWriteArrayList<>();
  private volatile int answer = 204;
  private HttpServer server;
  private Shop shop;

  @BeforeEach
  void listen() throws IOException, SQLException {
    shop = Shop.withBriefLeases();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          received.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI().getPath()
                  + " "
                  + new String(body, StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(answer, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void onlyAChangeIsToldAndWhatIsToldHasNoRowsInIt() throws Exception {
    assertThat(run().exit()).isZero();
    assertThat(received).as("certified as before").isEmpty();
    shop.sql(BACKFILL);
    assertThat(run().exit()).isEqualTo(1);
    assertThat(received).singleElement().asString().startsWith("POST /hook/t0ken {");
    Map<String, Object> told =
        JSON.std.mapFrom(received.get(0).substring("POST /hook/t0ken ".length()));
    assertThat(told)
        .containsOnlyKeys(
            "text",
            "event",
            "store",
            "entrypoint",
            "good",
            "from",
            "to",
            "run_id",
            "failed_gates",
            "standing",
            "next_command",
            "host",
            "at")
        .containsEntry("event", "state_changed")
        .containsEntry("good", false)
        .containsEntry("failed_gates", List.of("dataset-hash"))
        .containsEntry("next_command", "refresher explain shop");
    assertThat(String.valueOf(told.get("from"))).contains("certified").doesNotContain("failed,");
    assertThat(String.valueOf(told.get("to"))).contains("run_outcome=failed", "verdict=certified");
    assertThat(received.get(0)).doesNotContain("A-", "amount");
    assertThat(run().exit()).isEqualTo(1);
    assertThat(received).as("as bad as before").hasSize(1);
  }

  @Test
  void aClosedStoreIsToldAndItsRepairAsWell() throws Exception {
    shop.sql(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate, day_total, in_time, late__score FROM shop.orders_mv WHERE now() > placed_at");
    assertThat(run().exit()).isEqualTo(1);
    shop.sql(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate, day_total, in_time, late__score FROM shop.orders_mv");
    assertThat(run().exit()).isZero();
    assertThat(received).hasSize(2);
    assertThat(received.get(0))
        .contains("certified, last run certified → closed (gate ", "Run: refresher explain shop");
    assertThat(received.get(1)).contains("\"good\":true", "→ certified, last run certified");
  }

  @Test
  void aStoreThatTheRunOfAnotherClosesIsToldToo() throws Exception {
    shop.sql("CREATE VIEW shop.regions_v AS SELECT day, region, total FROM shop.daily_mv");
    String regions =
        """
        store: regions
        entrypoint: shop.regions_v
        lease: 40ms
        key: [day, region]
        anchor: day
        gates:
          time-of-query: {}
          key-unique: {}
        """;
    shop.expectOk("init", Shop.file("regions.yaml", regions).toString());
    shop.expectOk("certify", "regions");
    shop.sql(
        "CREATE OR REPLACE VIEW shop.regions_v AS SELECT day, region, total FROM shop.daily_mv WHERE day < now()");
    assertThat(run().exit()).isEqualTo(1);
    assertThat(received)
        .singleElement()
        .asString()
        .contains(
            "Store regions: certified, last run certified → closed (gate time-of-query)",
            "by run 3 of store shop. Run: refresher explain regions",
            "\"failed_gates\":[\"time-of-query\"]");
  }

  @Test
  void nobodyWhoCanNotBeToldChangesTheOutcome() throws SQLException {
    answer = 500;
    shop.sql(BACKFILL);
    Cli.Result refused = run("--alive-url", url("/alive"));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .contains(
            "note: --notify-url: localhost answered 500",
            "note: --alive-url: localhost answered 500")
        .doesNotContain("t0ken");
    server.stop(0);
    Cli.Result gone = shop.cli().run("run", "shop", "-q", "--alive-url", url("/alive"));
    assertThat(gone.exit()).isEqualTo(1);
    assertThat(gone.err())
        .isEqualTo("note: --alive-url: localhost could not be reached" + System.lineSeparator());
  }

  @Test
  void aCommandGetsTheSameDocumentAndItsFailureIsALine() throws Exception {
    Path file = folder.resolve("told.json");
    shop.sql(BACKFILL);
    Cli.Result result =
        shop.cli().run("run", "shop", "--notify-command", "cat > '" + file + "'; exit 7", "--json");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.json()).as("stdout is still one document").containsKey("stores");
    assertThat(result.err()).contains("note: --notify-command: the command ended with 7");
    assertThat(JSON.std.mapFrom(Files.readString(file))).containsEntry("store", "shop");
  }

  @Test
  void aliveIsSaidAfterEachRunThatCouldCheckAndNeverAfterOneThatCouldNot() throws Exception {
    Path file = folder.resolve("alive");
    String[] alive = {"--alive-url", url("/ping/1"), "--alive-file", file.toString()};
    run(alive);
    assertThat(received).containsExactly("GET /ping/1 ");
    assertThat(file).exists();
    shop.sql(BACKFILL);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(shop.cli().run(with(alive, "certify", "shop")).exit()).isZero();
    assertThat(shop.cli().run(with(alive, "run", "shop")).exit()).isEqualTo(1);
    assertThat(received).as("a failed gate was checked").hasSize(3);
    assertThat(Files.getLastModifiedTime(file).toInstant()).isAfter(Instant.EPOCH);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(shop.cli().run(with(alive, "run", "shop", "nope")).exit()).isEqualTo(2);
    assertThat(new Cli("jdbc:postgresql://localhost:1/x").run(with(alive, "run", "shop")).exit())
        .isEqualTo(3);
    assertThat(received).hasSize(3);
    assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Instant.EPOCH);
  }

  @Test
  void addressesComeFromTheEnvironmentTooAndAWrongOneStopsBeforeAnythingIsDone()
      throws SQLException {
    Cli cli = new Cli(Map.of("GUARDED_URL", shop.url(), "REFRESHER_ALIVE_URL", url("/env")));
    assertThat(cli.run("run", "shop").exit()).isZero();
    assertThat(received).containsExactly("GET /env ");
    String runs = shop.ask("SELECT count(*) FROM audit.run");
    Cli.Result wrong = shop.cli().run("run", "shop", "--notify-url", "hooks.example/s3cret");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("--notify-url is no address of the form http://HOST/… or https://HOST/…")
        .doesNotContain("s3cret");
    assertThat(shop.ask("SELECT count(*) FROM audit.run")).isEqualTo(runs);
  }

  @Test
  void theReadmeHasEverySuchOptionBesideItsVariable() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String help = shop.expectOk("run", "--help").out().replaceAll("\\s+", " ");
    List<MatchResult> told =
        Pattern.compile("(--[a-z-]+)=[A-Z]+ [^$=]*?Default: \\$(REFRESHER_[A-Z_]+)\\.")
            .matcher(help)
            .results()
            .toList();
    assertThat(told).hasSize(5);
    for (MatchResult option : told) {
      assertThat(readme)
          .containsPattern(
              "\\| `" + option.group(1) + " [A-Z]+` \\| `" + option.group(2) + "` \\|");
    }
  }

  private Cli.Result run(String... more) {
    return shop.cli().run(with(more, "run", "shop", "--notify-url", url("/hook/t0ken")));
  }

  private static String[] with(String[] more, String... first) {
    return Stream.concat(List.of(first).stream(), List.of(more).stream()).toArray(String[]::new);
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }
}
