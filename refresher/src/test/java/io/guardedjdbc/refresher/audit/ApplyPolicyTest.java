package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class ApplyPolicyTest extends RolledBack {
  private static final String APPLY = "SELECT audit.apply_policy(?::jsonb, 'd')";

  @Test
  void tellsEveryComplaintAtOnce() {
    assertThat(
            database.failure(
                APPLY,
                "{\"store\": \"s\", \"entrypoint\": \"shop.features_v\", \"key_columns\": [\"nope\"], \"colour\": 1, \"x_note\": 1,"
                    + " \"time_zone\": \"Mars/Base\", \"gates\": {\"taste\": {}}}"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("22023")
                    .contains(
                        "unknown key colour",
                        "unknown gate taste",
                        "shop.features_v has no column nope",
                        "anchor_column is missing",
                        "no time zone Mars/Base",
                        "shop.features_v is the entrypoint of store shop")
                    .doesNotContain("x_note"));
  }

  @Test
  void namesAMissingEntrypoint() {
    assertThat(
            database.failure(
                APPLY,
                "{\"store\": \"s\", \"entrypoint\": \"shop.gone_v\", \"key_columns\": [\"a\"], \"anchor_column\": \"b\"}"))
        .hasValueSatisfying(
            message -> assertThat(message).contains("the entrypoint shop.gone_v does not exist"));
  }

  @Test
  void namesThatAreNowhereAreComplaintsWithTheirKeys() {
    assertThat(
            database.failure(
                APPLY,
                "{\"store\": \"shop\", \"entrypoint\": \"shop.features_v\", \"key_columns\": [\"sale_id\"], \"anchor_column\": \"sold_at\","
                    + " \"steps\": [{\"name\": \"a\", \"sql\": \"SELECT 1\", \"reads\": [\"shop.sal\"], \"writes\": [\"shop.base_mv\"]}],"
                    + " \"declared_edges\": [{\"from\": \"a\", \"to\": \"shop.dialy_mv\"}, {\"from\": \"shop.x\", \"to\": \"b\"}]}"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .contains(
                        "edges: from shop.x does not exist; edges: to b does not exist; step a: after shop.sal does not exist;"
                            + " step a: before shop.dialy_mv does not exist; step a: target shop.base_mv is no table"));
  }

  @Test
  void replacesTheStoreAsAWhole() throws SQLException {
    database.run(
        APPLY,
        "{\"store\": \"shop\", \"entrypoint\": \"shop.features_v\", \"key_columns\": [\"sale_id\"], \"anchor_column\": \"sold_at\", \"max_age\": \"PT1H\","
            + " \"inputs\": [\"shop.base_mv\"], \"steps\": [{\"name\": \"a\", \"sql\": \"SELECT 1\", \"reads\": [\"shop.base_mv\"]}],"
            + " \"declared_edges\": [{\"from\": \"shop.base_mv\", \"to\": \"shop.daily_mv\"}], \"gates\": {\"sla-leakage\": {\"severity\": \"warn\"}}}");
    assertThat(
            database.value(
                "SELECT concat_ws(' ', max_age, lease, publish_mode, closure, key_columns, config_digest) FROM audit.entrypoint_policy"))
        .isEqualTo("01:00:00 00:00:10 atomic deny {sale_id} d");
    assertThat(database.list("SELECT rule || ' ' || pattern FROM audit.relation_rule"))
        .containsExactly("input shop.base_mv");
    assertThat(
            database.list("SELECT concat_ws(' ', gate, kind, severity) FROM audit.gates('shop')"))
        .containsExactly("sla-leakage data warn");
    assertThat(
            database.list(
                "SELECT concat_ws(' ', name, position, reads, writes) FROM audit.sql_step"))
        .containsExactly("a 1 {shop.base_mv} {}");
  }

  @Test
  void writesQuotedNamesAsPostgresqlDoes() throws SQLException {
    database.run("CREATE SCHEMA \"Mixed\"");
    database.run("CREATE VIEW \"Mixed\".\"select\" AS SELECT 1 AS \"user\", now() AS \"T 0\"");
    database.run(
        APPLY,
        "{\"store\": \"It's 1\", \"entrypoint\": \"\\\"Mixed\\\".\\\"select\\\"\", \"key_columns\": [\"user\"], \"anchor_column\": \"T 0\","
            + " \"gates\": {\"dataset-hash\": {\"settings\": {\"days\": [0]}}, \"sla-leakage\": {}, \"definition-drift\": {}}}");
    assertThat(
            database.value(
                "SELECT entrypoint || ' ' || procedure_suffix FROM audit.entrypoint_policy WHERE store = 'It''s 1'"))
        .isEqualTo("\"Mixed\".\"select\" it_s_1");
    database.run("CALL audit.run_t0_cert_it_s_1()");
    assertThat(
            database.value(
                "SELECT status FROM audit.t0_cert_registry WHERE entrypoint = '\"Mixed\".\"select\"'"))
        .isEqualTo("FAILED");
    assertThat(
            database.list("SELECT kind || objects_or_days FROM audit.propose_baseline('It''s 1')"))
        .containsExactly("definition1", "dataset1");
  }
}
