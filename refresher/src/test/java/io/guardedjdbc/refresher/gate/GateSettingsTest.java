package io.guardedjdbc.refresher.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.refresher.config.PolicyDocument;
import io.guardedjdbc.refresher.config.StoreFile;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class GateSettingsTest {
  private static final String STORE =
      "store: s\nentrypoint: a.b\nkey: id\nanchor: at\ngates:\n  key-unique: {}\n";

  @Test
  void everyGateHasItsSqlFunctionAndTheSameKindThere() throws SQLException {
    Shop shop = Shop.certified();
    for (Gate gate : Gates.all()) {
      assertThat(
              shop.ask("SELECT to_regprocedure('audit." + gate.function() + "(text)') IS NOT NULL"))
          .as(gate.id())
          .isEqualTo("t");
      assertThat(shop.ask("SELECT audit.gate_kind('" + gate.id() + "')"))
          .as(gate.id())
          .isEqualToIgnoringCase(gate.kind().name());
      assertThat(gate.explanation().action()).endsWith(".");
    }
  }

  @Test
  void settingsBecomeJsonThatTheSqlReads() {
    String json =
        json(
            """
              embargo: {column: used, anchor: day}
              as-of-window: {column: [a, b], within: 24h}
              row-count: {min: 1, max_drop_percent: 2.5}
              freshness-of-input:
                inputs: [{relation: a.c, column: at, max_age: 2h}]
              sql:
                checks:
                  - name: no negative price
                    query: |
                      -- prices
                      SELECT 1 FROM a.b WHERE price < 0
              live-input:
                allow: [{relation: a.c, reason: pinned}]
                current: ["*_now"]
            """);
    assertThat(json)
        .contains(
            "\"embargo\":{\"severity\":\"block\",\"settings\":{\"anchor\":\"day\",\"column\":[\"used\"]}}",
            "{\"column\":[\"a\",\"b\"],\"within\":\"PT24H\"}",
            "{\"max_drop_percent\":2.5,\"min\":1}",
            "{\"inputs\":[{\"column\":\"at\",\"max_age\":\"PT2H\",\"relation\":\"a.c\"}]}",
            "\"name\":\"no negative price\"",
            "\"allow\":[{\"reason\":\"pinned\",\"relation\":\"a.c\"}]");
  }

  @Test
  void whatIsMissingOrWrongIsToldAtOnceWithItsLine() {
    assertThatThrownBy(
            () ->
                json(
                    """
                      embargo: {}
                      as-of-window: {column: a, within: soon}
                      row-count: {}
                      freshness-of-input: {}
                      sql:
                        checks:
                          - {name: a, query: DELETE FROM x}
                          - {name: a, query: SELECT 1, limit: 3}
                      live-input:
                        allow: [{relation: a.c}]
                    """))
        .hasMessageContainingAll(
            "s.yaml:7: 'gates.embargo.column' is missing",
            "s.yaml:8: 'gates.as-of-window.within' is 'soon'; expected a duration",
            "'gates.row-count.min' or one of min, max, max_drop_percent, max_growth_percent must be set",
            "'gates.freshness-of-input.inputs' must name at least one input",
            "s.yaml:13: 'gates.sql.checks[1].query' must be one query",
            "'gates.sql.checks[2].name' 'a' is taken by another check",
            "'gates.sql.checks[2].limit' is no known key",
            "'gates.live-input.allow[1].reason' is missing");
  }

  private static String json(String gates) {
    return PolicyDocument.of(StoreFile.parse("s.yaml", STORE + gates)).json();
  }
}
