package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("postgres14")
class TimeOfQueryGateTest extends RolledBack {
  @BeforeEach
  void createFunctions() throws SQLException {
    functions();
  }

  @Test
  void findsNothingInASoundStore() throws SQLException {
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "now()",
        "pg_catalog.now()",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_TIMESTAMP(3)",
        "LOCALTIME",
        "LOCALTIMESTAMP(0)",
        "clock_timestamp()",
        "transaction_timestamp()",
        "statement_timestamp()",
        "timeofday()",
        "age(sold_at)",
        "age(sold_at::timestamp)",
        "'today'::text::date",
        "' Now '::text::timestamptz",
        "CAST('yesterday'::varchar AS timestamp)",
        "random()",
        "shop.fickle()",
        "shop.hidden()",
        "shop.hidden_in_plpgsql()",
        "shop.hidden_in_cast()",
        "shop.hidden_in_dynamic_sql()",
        "shop.outer_function()",
        "(1 @+@ 2)"
      })
  void blocksWhatDependsOnTheTimeOfTheQuery(String expression) throws SQLException {
    entrypoint(expression);
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .anyMatch(finding -> finding.startsWith("block"));
  }

  @Test
  void findsTheTimeInAFunctionWithAtomicBody() throws SQLException {
    database.run(
        "CREATE FUNCTION shop.atomic_body() RETURNS timestamptz LANGUAGE sql STABLE BEGIN ATOMIC SELECT now(); END");
    entrypoint("shop.atomic_body()");
    assertThat(database.gate("time-of-query"))
        .singleElement()
        .asString()
        .startsWith("block shop.atomic_body() depends on the time of the query: now()")
        .endsWith("shop.features_v → shop.atomic_body()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"now\"",
        "\"now\" || ' now() '",
        "'current_date'::text",
        "date 'today'",
        "sold_at + interval '24 hours'",
        "sold_at - interval '90 minutes'",
        "extract(epoch FROM sold_at)",
        "(sold_at AT TIME ZONE 'UTC')::date",
        "date_trunc('day', sold_at, 'UTC')",
        "age(sold_at, sold_at)",
        "'2026-01-01'::text::date",
        "concat(shop, title)",
        "price::text",
        "to_jsonb(price)",
        "shop.innocent('2')",
        "to_char(price, '999')"
      })
  void leavesAloneWhatGivesTheSameRowsAlways(String expression) throws SQLException {
    entrypoint(expression);
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sold_at::date",
        "sold_at::text",
        "sold_at::timestamp",
        "date_trunc('day', sold_at)",
        "to_char(sold_at, 'YYYY')",
        "extract(hour FROM sold_at)",
        "sold_at + interval '1 day'",
        "sold_at > date '2026-01-01'",
        "title::timestamptz",
        "to_jsonb(sold_at)",
        "concat(shop, sold_at)",
        "current_user",
        "current_setting('TimeZone')",
        "shop.asks_who()"
      })
  void blocksWhatDependsOnTheReadersSessionAndOnlyWarnsBehindAMaterializedView(String expression)
      throws SQLException {
    entrypoint(expression);
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("block"));
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE MATERIALIZED VIEW shop.frozen_mv AS SELECT shop, sale_id, sold_at, "
            + expression
            + " AS x FROM shop.base_mv WITH NO DATA");
    database.run("CREATE VIEW shop.features_v AS SELECT * FROM shop.frozen_mv");
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("warn"));
  }

  /** Bodies that the catalog keeps as text; x is the function's argument, sold_at a column. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT (x::date)::text",
        "SELECT $1::date::text",
        "SELECT CAST(x AS timestamp)::date::text",
        "SELECT to_char(x, 'YYYY')",
        "SELECT date_trunc('day', x) IS NULL",
        "SELECT extract(hour FROM x)",
        "SELECT date_part('hour', x)",
        "SELECT max(b.sold_at::text) FROM shop.base_mv b",
        "SELECT count(*) FROM shop.base_mv WHERE sold_at >= date '2026-01-01'",
        "SELECT max(sold_at + interval '2 days') = x FROM shop.base_mv",
        "SELECT concat('a', 'b', x)",
        "PLPGSQL DECLARE y timestamptz := x; BEGIN RETURN (y)::text || y::date; END",
        "PLPGSQL BEGIN RETURN (SELECT max(sold_at::date) FROM shop.base_mv); END"
      })
  void findsTheSessionInABodyThatIsText(String body) throws SQLException {
    text(body);
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("block shop.of_text(timestamp with time zone)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT (x AT TIME ZONE 'UTC')::date::text",
        "SELECT x::timestamptz(3) IS NULL",
        "SELECT x::timestamp(3) with time zone IS NULL",
        "SELECT extract(epoch FROM x)",
        "SELECT date_part('epoch', x)",
        "SELECT date_trunc('day', x, 'UTC') IS NULL",
        "SELECT x + interval '24 hours' = x",
        "SELECT max(price::text) FROM shop.base_mv",
        "SELECT max(sold_at::text) FROM (SELECT (sold_at AT TIME ZONE 'UTC')::date AS sold_at FROM shop.base_mv) q",
        "SELECT coalesce(x, x) = x",
        "SELECT 'x::date, sold_at::date'",
        "PLPGSQL DECLARE y text := 'x'; BEGIN RETURN y::date::text; END"
      })
  void leavesAloneABodyThatIsTextAndNeedsNoSession(String body) throws SQLException {
    text(body);
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  private void text(String body) throws SQLException {
    boolean procedural = body.startsWith("PLPGSQL ");
    database.run(
        "CREATE FUNCTION shop.of_text(x timestamptz) RETURNS text LANGUAGE "
            + (procedural ? "plpgsql" : "sql")
            + " STABLE AS $body$ "
            + (procedural ? body.substring(8) : "SELECT (" + body + ")::text")
            + " $body$");
    entrypoint("shop.of_text(sold_at)");
  }

  @Test
  void timeOfQueryBlocksBehindAMaterializedViewToo() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE MATERIALIZED VIEW shop.frozen_mv AS SELECT shop, sale_id, sold_at, now() AS x FROM shop.base_mv");
    database.run("CREATE VIEW shop.features_v AS SELECT * FROM shop.frozen_mv");
    assertThat(database.gate("time-of-query"))
        .containsExactly(
            "block shop.frozen_mv depends on the time of the query: now(); path shop.features_v → shop.frozen_mv");
  }

  @Test
  void rowSecurityOfATableReadLiveBlocks() throws SQLException {
    database.run("ALTER TABLE shop.release ENABLE ROW LEVEL SECURITY");
    assertThat(database.gate("time-of-query"))
        .containsExactly(
            "block shop.release depends on the session of the reader: row security; path shop.features_v → shop.release");
  }

  @Test
  void theAllowListNeedsAReason() throws SQLException {
    entrypoint("now()");
    allow("{\"function\": \"now\"}");
    assertThat(database.gate("time-of-query")).hasSize(1);
    allow("{\"function\": \"now\", \"reason\": \"a clock on the wall\"}");
    assertThat(database.gate("time-of-query")).isEmpty();
    allow("{\"function\": \"random*\", \"reason\": \"a die\"}");
    assertThat(database.gate("time-of-query")).hasSize(1);
  }

  @Test
  void whatLiesOnTopOfTheEntrypointIsNotItsClosure() throws SQLException {
    database.run(
        "CREATE VIEW shop.train_v AS SELECT *, now() AS read_at FROM shop.features_v"
            + " WHERE audit.cert_guard('shop.features_v', interval '24 hours')");
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  @Test
  void aHostileSearchPathHidesNothing() throws SQLException {
    entrypoint("now()");
    database.run("CREATE SCHEMA evil");
    database.run(
        "CREATE FUNCTION evil.eq(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false'");
    database.run("CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.eq)");
    database.run(
        "CREATE FUNCTION evil.format(text, VARIADIC \"any\") RETURNS text LANGUAGE internal AS 'text_format'");
    database.run("SET search_path = evil, pg_catalog");
    assertThat(database.gate("time-of-query")).hasSize(1);
  }

  private void allow(String entry) throws SQLException {
    database.run(
        "UPDATE audit.gate_setting SET settings = jsonb_build_object('allow', jsonb_build_array(?::jsonb)) WHERE gate = 'time-of-query'",
        entry);
  }

  /** The entrypoint as one plain view with one more column. */
  private void entrypoint(String expression) throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE VIEW shop.features_v AS SELECT shop, sale_id, sold_at, "
            + expression
            + " AS x FROM shop.base_mv");
  }

  private static void functions() throws SQLException {
    for (String sql :
        List.of(
            "CREATE FUNCTION shop.fickle() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION shop.hidden() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT /* now */ now ( )'",
            "CREATE FUNCTION shop.hidden_in_plpgsql() RETURNS date LANGUAGE plpgsql STABLE AS 'BEGIN RETURN current_date; END'",
            "CREATE FUNCTION shop.hidden_in_cast() RETURNS date LANGUAGE sql STABLE AS $$ SELECT 'today'::date $$",
            "CREATE FUNCTION shop.hidden_in_dynamic_sql() RETURNS text LANGUAGE plpgsql STABLE AS"
                + " $$ DECLARE r text; BEGIN EXECUTE 'SELECT statement_timestamp()' INTO r; RETURN r; END $$",
            "CREATE FUNCTION shop.outer_function() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT shop.hidden()'",
            "CREATE FUNCTION shop.plus(int, int) RETURNS float8 LANGUAGE sql AS 'SELECT 1.0'",
            "CREATE OPERATOR public.@+@ (LEFTARG = int, RIGHTARG = int, FUNCTION = shop.plus)",
            "CREATE FUNCTION shop.asks_who() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_user::text'",
            "CREATE FUNCTION shop.innocent(p text) RETURNS text LANGUAGE plpgsql STABLE AS"
                + " $$ DECLARE \"now\" text := 'now()'; -- now(), current_date\n"
                + " BEGIN RETURN \"now\" || ' today ' || age(timestamp '2026-01-01', timestamp '2025-01-01')::text || p; END $$")) {
      database.run(sql);
    }
  }
}
