package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import io.guardedjdbc.refresher.testing.WrittenPage;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store's closure as a tree, as a picture and as a page. */
@Tag("postgres14")
class GraphTest {
  @TempDir private Path folder;
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.certified();
  }

  @Test
  void theTreeHasEveryKindOfNodeAndTheStepBetweenItsTableAndWhatItReads() {
    assertThat(shop.expectOk("graph", "shop").out())
        .containsSubsequence(
            "shop.features_v  view, live",
            "|- shop.orders_mv  materialized view <- warned time-of-query",
            "shop.daily_mv  materialized view",
            "shop.rates  table",
            "rebuild-rates  SQL step",
            "shop.daily_mv  materialized view, see above",
            "`- shop.region_name(text)  function",
            "shop.features_v reaches 6 objects; gates warn at 2");
  }

  @Test
  void whatFailedIsMarkedOnItsPath() throws SQLException {
    fail();
    assertThat(shop.cli().run("graph", "shop").out())
        .contains("shop.returns_v  view, live <- FAILED", "forbidden-dependency", "failed at 2");
    Map<String, Object> json = shop.expectOk("graph", "shop", "--json").json();
    assertThat(json)
        .containsEntry("verdict", "closed")
        .containsEntry("outcome", "failed")
        .containsEntry("run_id", 2);
    assertThat(rows(json, "edges"))
        .contains(edge("shop.features_v", "shop.returns_v", "path"))
        .contains(edge("shop.features_v", "shop.region_name(text)", "none"))
        .contains(edge("shop.rates", "rebuild-rates", "none"))
        .contains(edge("rebuild-rates", "shop.daily_mv", "none"));
    assertThat(rows(json, "nodes"))
        .filteredOn(node -> "failed".equals(node.get("mark")))
        .extracting(node -> node.get("object"))
        .containsExactlyInAnyOrder("shop.features_v", "shop.returns_v");
  }

  @Test
  void aPathThroughAStepIsMarkedFromTheTableThroughTheStep() throws SQLException {
    shop.sql(
        "ALTER TABLE shop.orders ADD COLUMN seen timestamptz; CREATE VIEW shop.returns_now_v AS SELECT 1 AS one;"
            + "UPDATE audit.sql_step SET sql = sql || '; SELECT count(*) FROM shop.returns_now_v'");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(rows(shop.expectOk("graph", "shop", "--json").json(), "edges"))
        .contains(edge("shop.orders_mv", "shop.rates", "path"))
        .contains(edge("shop.rates", "rebuild-rates", "path"))
        .contains(edge("rebuild-rates", "shop.returns_now_v", "path"));
  }

  @Test
  void pathsHaveOneArrowWhateverTheGateAndTheTerminal() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(code) $$");
    assertThat(shop.cli().run("run", "shop").out())
        .contains("path: shop.features_v → shop.region_name(text)")
        .doesNotContain(" -> ");
  }

  @Test
  void theEntrypointOfAnotherStoreIsCalledThat() throws SQLException {
    shop.sql("CREATE VIEW shop.second_v AS SELECT * FROM shop.features_v");
    String yaml =
        Shop.resource("shop/shop.yaml")
            .replace("store: shop", "store: second")
            .replace("shop.features_v", "shop.second_v")
            .replaceAll("(?s)sql_steps:.*", "");
    shop.expectOk("init", Shop.file("second.yaml", yaml).toString());
    assertThat(shop.expectOk("graph", "second").out())
        .contains("shop.features_v  entrypoint of store shop, live", "it had no run yet");
  }

  @Test
  void thePageIsOneFileThatTellsPathFindingsAndTableWithoutNetworkOrScript() throws SQLException {
    fail();
    Path file = folder.resolve("graph.html");
    assertThat(shop.expectOk("graph", "shop", "--html", file.toString()).out())
        .contains("wrote " + file);
    WrittenPage page = WrittenPage.of(file);
    assertThat(page.reachesOut()).isEmpty();
    assertThat(page.values("id")).doesNotHaveDuplicates().contains("graph-shop", "findings");
    assertThat(page.ofClass("failed")).anyMatch(text -> text.contains("returns_v"));
    assertThat(page.ofClass("fail-path")).contains("shop.features_v reads shop.returns_v");
    assertThat(page.text())
        .contains("prefers-color-scheme: dark", "CLOSED", "What to do:", "test-host");
    assertThat(page.ofClass("bad")).anyMatch(text -> text.contains("known only after the sale"));
    assertThat(folder.toFile().list())
        .as("no temporary file is left")
        .containsExactly(file.getFileName().toString());
  }

  @Test
  void thePictureStandsByItselfAndSaysInWordsWhatItShows() {
    Path file = folder.resolve("graph.svg");
    shop.expectOk("graph", "shop", "--svg", file.toString());
    WrittenPage picture = WrittenPage.of(file);
    assertThat(picture.reachesOut()).isEmpty();
    assertThat(picture.values("role")).containsExactly("img");
    assertThat(picture.text())
        .contains(
            "<desc id=\"graph-description\">shop.features_v reaches 6 objects",
            "✓ CERTIFIED",
            "prefers-color-scheme");
  }

  @Test
  void namesAreTextNeverMarkup() throws SQLException {
    shop.sql(
        "CREATE VIEW shop.\"<b>&\"\"'x\" AS SELECT order_no FROM shop.orders_mv;"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount,"
            + " rate, day_total, in_time, late__score FROM shop.orders_mv WHERE order_no IN (SELECT order_no FROM shop.\"<b>&\"\"'x\")");
    Path file = folder.resolve("graph.html");
    shop.expectOk("graph", "shop", "--html", file.toString());
    assertThat(WrittenPage.of(file).elements())
        .noneMatch(element -> element.getTagName().equals("b"));
  }

  @Test
  void whereNothingCanBeWrittenOneLineSaysSoBeforeAnythingIsAsked() {
    Cli.Result none = shop.cli().run("graph", "shop", "--html", folder + "/no/such/x.html");
    assertThat(none.exit()).isEqualTo(2);
    assertThat(none.err()).contains("--html: there is no folder for").hasLineCount(1);
    Cli.Result directory = shop.cli().run("status", "--metrics", folder.toString());
    assertThat(directory.exit()).isEqualTo(2);
    assertThat(directory.err()).contains("is a folder; name a file");
  }

  private void fail() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate,"
            + " day_total, in_time, late__score FROM shop.orders_mv WHERE order_no IN (SELECT order_no FROM shop.returns_v)");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
  }

  private static Map<String, Object> edge(String from, String to, String mark) {
    return Map.of("from", from, "to", to, "mark", mark);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rows(Map<String, Object> json, String key) {
    return (List<Map<String, Object>>) Objects.requireNonNull(json.get(key));
  }
}
