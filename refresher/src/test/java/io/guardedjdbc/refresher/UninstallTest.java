package io.guardedjdbc.refresher;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only ours goes; and the README keeps up with the commands. */
class UninstallTest {
  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.certified();
  }

  @Test
  void uninstallListsAndThenRemovesOnlyOurs() throws SQLException {
    shop.expectOk("seal", "shop");
    shop.sql("CREATE TABLE audit.theirs (a int)");
    Cli.Result asked = shop.cli().run("uninstall");
    expect(asked, 2, "refresher uninstall --yes");
    assertThat(asked.out()).contains("seal of store shop", "table audit.run");
    assertThat(shop.registry()).startsWith("CERTIFIED");
    shop.expectOk("uninstall", "--yes");
    assertThat(
            shop.ask(
                "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'audit'::regnamespace"))
        .isEqualTo("theirs");
    assertThat(shop.ask("SELECT count(*) FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"))
        .isEqualTo("0");
    assertThat(shop.ask("SELECT count(*) FROM shop.features_v")).isEqualTo("200");
  }

  @Test
  void uninstallLeavesTheRunbooksSystemAsItWas() throws SQLException {
    Shop bare = Shop.bare();
    bare.sql(
        "CREATE SCHEMA audit; CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL,"
            + " certified_at timestamptz DEFAULT now(), viewdef_objects int, dataset_days int, notes text);"
            + "CREATE FUNCTION audit.require_certified(e text, i interval) RETURNS void LANGUAGE sql AS ''");
    bare.expectOk("init", Shop.yaml().toString());
    bare.expectOk("uninstall", "--yes");
    assertThat(
            bare.ask(
                "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"))
        .isEqualTo("require_certified");
    assertThat(
            bare.ask(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'audit.t0_cert_registry'::regclass AND attnum > 0 AND NOT attisdropped"))
        .isEqualTo("6");
  }

  @Test
  void overloadsGrantsCommentsAndConstraintsAreTheirsAgain() throws SQLException {
    Shop bare = Shop.bare();
    bare.sql(
        "CREATE SCHEMA audit; COMMENT ON SCHEMA audit IS 'of the auditors';"
            + "CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL CHECK (status IN ('CERTIFIED', 'FAILED')),"
            + " certified_at timestamptz NOT NULL DEFAULT now(), notes text NOT NULL DEFAULT '');"
            + "CREATE FUNCTION audit.closure(a int) RETURNS int LANGUAGE sql AS 'SELECT a';"
            + "CREATE FUNCTION audit.revoke(a text) RETURNS text LANGUAGE sql AS 'SELECT a'");
    String before = facts(bare);
    bare.expectOk("init", Shop.yaml().toString());
    bare.sql("CREATE FUNCTION audit.doctor(a int) RETURNS int LANGUAGE sql AS 'SELECT a'");
    assertThat(facts(bare)).isNotEqualTo(before);
    bare.expectOk("uninstall", "--yes");
    bare.sql("DROP FUNCTION audit.doctor(int)");
    assertThat(facts(bare)).isEqualTo(before);
  }

  @Test
  void aConstraintThatRowsBreakByNowIsNamed() throws SQLException {
    Shop bare = Shop.bare();
    bare.sql(
        "CREATE SCHEMA audit; CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL, certified_at timestamptz NOT NULL)");
    bare.expectOk("init", Shop.yaml().toString());
    bare.sql("SELECT audit.revoke(NULL, 'shop.features_v', 'REVOKED', NULL, 'x')");
    assertThat(bare.expectOk("uninstall", "--yes").out())
        .contains(
            "not put back, as rows break it: ALTER TABLE audit.t0_cert_registry ALTER COLUMN certified_at SET NOT NULL");
  }

  @Test
  void aSchemaThatWasThereStaysAndOursGoes() throws SQLException {
    Shop bare = Shop.bare();
    bare.sql("CREATE SCHEMA audit");
    bare.expectOk("init", Shop.yaml().toString());
    bare.expectOk("uninstall", "--yes");
    String schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'audit'";
    assertThat(bare.ask(schemas)).isEqualTo("1");
    shop.expectOk("uninstall", "--yes");
    assertThat(shop.ask(schemas)).isEqualTo("0");
  }

  private static String facts(Shop shop) throws SQLException {
    return shop.ask(
        "SELECT concat_ws(E'\\n', obj_description(n.oid, 'pg_namespace'), (SELECT count(*) FROM aclexplode(n.nspacl) a WHERE a.grantee = 0),"
            + " (SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.oid) FROM pg_proc p WHERE p.pronamespace = n.oid),"
            + " (SELECT string_agg(concat_ws(' ', attname, attnotnull), ', ' ORDER BY attnum) FROM pg_attribute"
            + " WHERE attrelid = 'audit.t0_cert_registry'::regclass AND attnum > 0 AND NOT attisdropped),"
            + " (SELECT string_agg(pg_get_constraintdef(oid), ', ' ORDER BY conname) FROM pg_constraint"
            + " WHERE conrelid = 'audit.t0_cert_registry'::regclass AND contype <> 'n'),"
            + " (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = n.oid AND relkind = 'r'))"
            + " FROM pg_namespace n WHERE n.nspname = 'audit'");
  }

  @Test
  void whatSomebodyBuiltOnOursStopsItAndIsNamed() throws SQLException {
    Shop other = Shop.certified();
    other.sql(
        "CREATE VIEW shop.guarded_v AS SELECT * FROM shop.features_v"
            + " WHERE audit.require_certified('shop.features_v', interval '1 day') IS NOT NULL");
    for (String yes : new String[] {"--quiet", "--yes"}) {
      Cli.Result result = other.cli().run("uninstall", yes);
      expect(
          result,
          3,
          "Nothing was removed",
          "view shop.guarded_v depends on function audit.require_certified(text,interval)",
          "then: refresher uninstall");
      assertThat(result.err()).hasLineCount(1);
    }
    other.expectOk("run", "shop");
  }

  @Test
  void theReadmeHasEveryCommandAndExitCode() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    for (ExitCode code : ExitCode.values()) {
      assertThat(readme).contains("| " + code.code() + " | " + code.meaning() + " |");
    }
    for (String command :
        new String[] {
          "init",
          "plan",
          "run",
          "certify",
          "extend",
          "status",
          "explain",
          "baseline propose",
          "baseline approve",
          "baseline list",
          "baseline history",
          "baseline diff",
          "baseline tolerate",
          "graph",
          "completion",
          "seal",
          "doctor",
          "uninstall"
        }) {
      assertThat(readme).contains("| `" + command);
    }
    for (String gate : io.guardedjdbc.refresher.gate.Gates.ids()) {
      assertThat(readme).contains("| `" + gate + "`");
    }
  }

  private static void expect(Cli.Result result, int exit, String... parts) {
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(result.err()).contains(parts);
  }
}
