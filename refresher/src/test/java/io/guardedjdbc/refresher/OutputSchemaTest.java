package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.JsonSchema;
import io.guardedjdbc.refresher.testing.Shop;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every verb prints under --json is what the schema says, well or not. */
class OutputSchemaTest {
  private static final JsonSchema SCHEMA = JsonSchema.of(Path.of("output.schema.json"));

  private final Set<String> seen = new TreeSet<>();

  @Test
  void everyVerbPrintsWhatTheSchemaSays() throws SQLException {
    Shop bare = Shop.bare();
    String yaml = Shop.yaml().toString();
    check(bare, 3, "status");
    check(bare, 0, "init", "--dry-run", yaml);
    check(bare, 0, "init", yaml);
    check(bare, 1, "status");
    check(bare, 0, "graph", "shop");
    check(bare, 0, "plan", "shop");
    check(bare, 1, "explain", "shop");
    check(bare, 0, "baseline", "list");
    Shop shop = Shop.certified();
    check(shop, 0, "plan", "shop", "--mode", "staged");
    check(shop, 0, "run", "shop");
    check(shop, 0, "certify", "shop");
    check(shop, 0, "status", "shop");
    check(shop, 0, "baseline", "diff", "1");
    check(shop, 0, "seal", "shop");
    check(shop, 0, "seal", "shop", "--remove");
    check(shop, 0, "doctor");
    check(
        shop,
        0,
        "baseline",
        "tolerate",
        "shop",
        "--name",
        "late",
        "--last-days",
        "3",
        "--for",
        "7d",
        "--reviewer",
        "ada",
        "--reason",
        "images come late");
    check(shop, 0, "baseline", "tolerate", "shop", "--name", "late", "--end");
    shop.sql(
        "UPDATE shop.orders SET amount = 1 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)");
    check(shop, 1, "run", "shop");
    check(shop, 0, "explain", "shop");
    check(shop, 0, "explain", "dataset-hash");
    check(shop, 0, "graph", "shop");
    check(shop, 0, "baseline", "propose", "shop");
    check(shop, 0, "baseline", "approve", "3", "--reviewer", "ada", "--reason", "reviewed");
    check(shop, 0, "baseline", "history", "shop");
    check(
        shop, 1, "extend", "shop", "--for", "1h", "--reviewer", "ada", "--reason", "cron is dead");
    shop.sql("UPDATE audit.t0_cert_registry SET status = 'FAILED', failed_gate = 'dataset-hash'");
    check(shop, 1, "status");
    check(shop, 2, "run", "nope");
    check(shop, 2, "run", "shop", "--mode", "fast");
    check(shop, 2, "run");
    check(shop, 2, "run", "shop", "--mdoe", "fast");
    check(shop, 2, "run", "shop", "--parallel", "many");
    check(shop, 2, "status", "--html");
    check(shop, 2, "baseline", "approve", "1");
    check(shop, 2, "baseline", "approve", "one", "--reviewer", "ada", "--reason", "x");
    check(shop, 2, "baseline");
    check(shop, 2, "rnu", "shop");
    check(shop, 2);
    check(shop, 2, "uninstall");
    check(shop, 0, "uninstall", "--yes");
    assertThat(SCHEMA.commands()).containsExactlyInAnyOrderElementsOf(seen);
  }

  @Test
  void anExtensionPrintsWhatTheSchemaSays() throws SQLException {
    Shop shop = Shop.certified();
    shop.sql(
        "ALTER TABLE audit.t0_cert_registry DISABLE TRIGGER zz_guard_certificate_id;"
            + "UPDATE audit.t0_cert_registry SET certified_at = certified_at - interval '25 hours';"
            + "ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER zz_guard_certificate_id");
    check(
        shop, 0, "extend", "shop", "--for", "1h", "--reviewer", "ada", "--reason", "cron is dead");
    check(shop, 0, "status");
  }

  @Test
  void everyVerbIsInTheSchemaAndInTheCompletion() {
    Cli cli = new Cli("jdbc:postgresql://localhost:1/x");
    Cli.Result completion = cli.run("completion");
    assertThat(completion.exit()).isZero();
    List<String> verbs =
        Stream.concat(
                verbs(cli.run("--help").out()),
                verbs(cli.run("baseline", "--help").out()).map(verb -> "baseline " + verb))
            .filter(verb -> !List.of("baseline", "completion", "help").contains(verb))
            .toList();
    List<String> known = new ArrayList<>(verbs);
    known.add("refresher");
    assertThat(SCHEMA.commands()).containsExactlyInAnyOrderElementsOf(known);
    for (String verb : verbs) {
      assertThat(completion.out()).contains("_picocli_refresher_" + verb.replace(" ", "_"));
    }
    assertThat(completion.out())
        .contains(
            "--notify-url", "--html", "MODE_option_args=(\"atomic\" \"staged\" \"blocking\")");
  }

  private static Stream<String> verbs(String help) {
    return Pattern.compile("(?m)^  ([a-z]+)  ")
        .matcher(help.substring(help.indexOf("Commands:")))
        .results()
        .map(match -> match.group(1));
  }

  private void check(Shop shop, int exit, String... args) {
    Cli.Result result =
        shop.cli().run(Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new));
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(SCHEMA.complaints(result.json())).as(result.out()).isEmpty();
    seen.add(String.valueOf(result.json().get("command")));
  }
}
