package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("postgres14")
class TimeOfQueryGateTest extends RolledBack {
  @BeforeAll
  static void createFunctions() throws SQLException {
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
        "(SELECT count(*) FROM pg_stat_activity)",
        "pg_stat_get_tuples_inserted('shop.sale'::regclass)",
        "'[now,)'::text::tstzrange",
        "'{[now,)}'::text::tstzmultirange",
        "'{today}'::text::date[]",
        "'(a,now)'::text::shop.pair",
        "' now '::text::shop.stamp",
        "jsonb_populate_record(NULL::shop.pair, '{\"d\": \"now\"}')",
        "(SELECT d FROM json_to_record('{\"d\": \"now\"}') AS t (d date))",
        "(SELECT max(\"a b\") FROM jsonb_to_recordset('[{\"n\": 1}, {\"a b\": \"today\", \"n\": [{\"x\": 2}]}]') AS t (\"a b\" date))",
        "shop.with_defaults(1)",
        "shop.with_defaults(1, c => 2)",
        "shop.calls_with_defaults()",
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
        "sold_at + shop * interval '1 hour'",
        "sold_at + make_interval(hours => shop)",
        "sold_at - (interval '24 hours' + interval '5 minutes')",
        "avg(price) OVER (ORDER BY sold_at RANGE BETWEEN interval '24 hours' PRECEDING AND interval '1 hour' FOLLOWING)",
        "avg(price) OVER (ORDER BY sold_at AT TIME ZONE 'UTC' RANGE BETWEEN interval '1 day' PRECEDING AND CURRENT ROW)",
        "make_timestamptz(2026, 1, 1, 0, 0, 0, 'UTC')",
        "xmlforest(title, price)",
        "(SELECT count(*) FROM pg_catalog.pg_tables)",
        "extract(epoch FROM sold_at)",
        "(sold_at AT TIME ZONE 'UTC')::date",
        "date_trunc('day', sold_at, 'UTC')",
        "age(sold_at, sold_at)",
        "'2026-01-01'::text::date",
        "concat(shop, title)",
        "price::text",
        "to_jsonb(price)",
        "shop.innocent('2')",
        "'now'",
        "'[2026-01-01,2026-02-01)'::text::daterange",
        "'{2026-01-01}'::text::date[]",
        "'{now,today}'::text::text[]",
        "'(now,2026-01-01)'::text::shop.pair",
        "'infinity'::text::date",
        "jsonb_populate_record(NULL::shop.plain, '{\"a\": \"now\"}')",
        "(SELECT d FROM json_to_record('{\"d\": \"now\"}') AS t (d text))",
        "(SELECT e FROM jsonb_to_recordset('[{\"d\": \"now\"}]') AS t (d text, e date))",
        "jsonb_populate_record(NULL::shop.pair, '{\"d\": \"2026-01-01\"}')",
        "jsonb_populate_record(NULL::shop.pair, '{\"known\": \"unknown\"}')",
        "jsonb_populate_record(NULL::shop.pair, '{\"a\": \"now\", \"d\": null, \"n\": 1.5}')",
        "'{\"known\": \"now\"}'::jsonb ->> 'known'",
        "shop.with_defaults(1, sold_at)",
        "shop.with_defaults(a => 1, b => sold_at)",
        "to_tsvector('english', title) @@ to_tsquery('english', 'x')",
        "'shop.sale'::regclass",
        "'shop.sale'::text::regclass",
        "to_regclass('shop.sale')",
        "sale_id::text",
        "ROW(shop, title)::text",
        "(SELECT s::text FROM (SELECT shop, title) s)",
        "(SELECT json_agg(s) FROM (SELECT shop, title FROM shop.sale) s)",
        "int4range(1, 2)::text",
        "lower(tstzrange(sold_at, NULL))",
        "to_char(price, '\"L\" 999PL')",
        "to_char(sold_at AT TIME ZONE 'UTC', 'YYYY Day')",
        "to_date(title, 'YYYY-MM-DD')",
        "to_number(title, '999')",
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
        "sold_at + make_interval(days => shop)",
        "sold_at + interval '1 day' * shop",
        "sold_at + (sold_at - sold_at)",
        "avg(price) OVER (ORDER BY sold_at RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 hour' FOLLOWING)",
        "make_timestamptz(2026, 1, 1, 0, 0, 0)",
        "xmlelement(name x, sold_at)",
        "xmlforest(title, weight)",
        "(SELECT setting FROM pg_settings WHERE name = 'TimeZone')",
        "sold_at > date '2026-01-01'",
        "title::timestamptz",
        "to_jsonb(sold_at)",
        "concat(shop, sold_at)",
        "'[2026-01-01,)'::text::tstzrange",
        "title::shop.pair",
        "weight::text",
        "ARRAY[weight]::text",
        "concat(shop, weight)",
        "to_jsonb(weight)",
        "tstzrange(sold_at, NULL)::text",
        "ROW(sold_at)::text",
        "(SELECT s::text FROM (SELECT sold_at) s)",
        "(SELECT to_jsonb(s) FROM (SELECT shop, sold_at) s)",
        "(SELECT sold_at)::text",
        "base_mv::text",
        "to_tsvector(title)",
        "title @@ 'x'",
        "title::regclass",
        "'sale'::text::regproc",
        "'shop.sale'::regclass::text",
        "to_regclass(title)",
        "price::money",
        "price::money::numeric",
        "title::money",
        "to_char(price, 'L999')",
        "to_char(price, '9G999D9')",
        "to_char(price, title)",
        "to_number(title, '9G999')",
        "to_char(sold_at AT TIME ZONE 'UTC', 'TMMonth')",
        "to_date(title, 'DD TMMonth')",
        "jsonb_populate_record(NULL::shop.pair, '{\"d\": \"1/2/2026\", \"a\": \"unknown\"}')",
        "json_populate_record(NULL::shop.pair, title::json)",
        "shop.zoned_default(1)",
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
        "SELECT to_tsvector(title) FROM shop.base_mv LIMIT 1",
        "SELECT to_regclass('sale')",
        "SELECT 'sale'::regclass",
        "SELECT 'shop.sale'::regclass::text",
        "SELECT 5::money",
        "SELECT to_char(1, 'L99')",
        "SELECT to_char(1, '9G999')",
        "SELECT to_char(x AT TIME ZONE 'UTC', 'TMMon')",
        "SELECT max(b.weight::text) FROM shop.base_mv b",
        "SELECT max(CAST(weight AS text)) FROM shop.base_mv",
        "SELECT max(base_mv::text) FROM shop.base_mv",
        "SELECT md5((b)::text) FROM shop.base_mv AS b",
        "SELECT row_to_json(b)::text FROM shop.base_mv b",
        "SELECT jsonb_agg(b ORDER BY b.sale_id) FROM shop.base_mv b",
        "SELECT array_agg(weight)::text FROM shop.base_mv",
        "SELECT max(sold_at)::date FROM shop.base_mv",
        "SELECT format('%s', b.weight) FROM shop.base_mv b LIMIT 1",
        "SELECT weight || ' kg' FROM shop.base_mv LIMIT 1",
        "PLPGSQL DECLARE f double precision := 1; BEGIN RETURN f::text; END",
        "PLPGSQL DECLARE i interval := '1 day'; BEGIN RETURN i; END",
        "PLPGSQL DECLARE r shop.base_mv%ROWTYPE; BEGIN RETURN r::text; END",
        "PLPGSQL DECLARE w shop.base_mv.weight%TYPE; t text; BEGIN t := w; RETURN t; END",
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
        "SELECT 'now'::text",
        "SELECT 'now' AS label",
        "SELECT 'now' AS date",
        "SELECT CAST(('today') AS text)",
        "SELECT (title) = 'now' FROM shop.base_mv LIMIT 1",
        "SELECT '(now,2026-01-01)'::shop.pair",
        "SELECT lower('now')::text",
        "SELECT date '2026-01-01' IS NULL OR 'now' = ''",
        "SELECT count(*) FROM shop.base_mv WHERE title IN ('now', 'today') OR title BETWEEN 'now' AND 'today'",
        "SELECT shop.with_defaults(1, x)",
        "SELECT shop.with_defaults(1, b => x)",
        "SELECT to_char(1, '999') || coalesce(x IS NULL, true)::text || 'TM'",
        "SELECT to_char(x AT TIME ZONE 'UTC', 'YYYY-MM-DD Day')",
        "SELECT to_tsvector('english', title) FROM shop.base_mv LIMIT 1",
        "SELECT 'shop.sale'::regclass",
        "SELECT to_regclass('shop.sale')",
        "PLPGSQL DECLARE y text NOT NULL DEFAULT 'now'; date text; BEGIN date := 'today'; RETURN y || date; END",
        "PLPGSQL BEGIN RETURN 'now'; END -- ('now')::date",
        "SELECT max(weight::numeric::text) FROM shop.base_mv",
        "SELECT round(max(weight))::int::text FROM shop.base_mv",
        "SELECT count(weight)::text FROM shop.base_mv",
        "SELECT (max(sold_at) AT TIME ZONE 'UTC')::date = '2026-01-01' FROM shop.base_mv",
        "SELECT concat(title, round(weight::numeric, 2)) FROM shop.base_mv LIMIT 1",
        "SELECT jsonb_agg(b.title ORDER BY b.sold_at) FROM shop.base_mv b",
        "SELECT count(b) FROM shop.base_mv b WHERE weight > 1 AND title = 'now'",
        "SELECT shop.takes(1, '2026-01-01', 'today')",
        "SELECT shop.takes(1, t => 'now', d => '2026-01-01')",
        "SELECT shop.innocent('now')",
        "SELECT title IS DISTINCT FROM 'now' AND x IS NOT NULL FROM shop.base_mv LIMIT 1",
        "SELECT replace(title, 'today', 'now') || 'now' FROM shop.base_mv LIMIT 1",
        "SELECT coalesce(title, 'now') = ANY (ARRAY['now', 'today']) FROM shop.base_mv LIMIT 1",
        "SELECT CASE WHEN sold_at > x THEN 'now' ELSE title END FROM shop.base_mv LIMIT 1",
        "SELECT v FROM (VALUES (1, 'now'), (2, 'today')) t (n, v) LIMIT 1",
        "SELECT jsonb_build_object('now', title) FROM shop.base_mv WHERE upper(title) = 'TODAY' OR title::varchar = 'today' LIMIT 1",
        "PLPGSQL DECLARE f float8 := 1; t text; BEGIN f := f + 1; t := 'now'; RETURN t; END",
        "PLPGSQL DECLARE t shop.base_mv.title%TYPE := 'now'; BEGIN IF t = 'today' THEN RETURN t; END IF; RETURN 'now'; END",
        "SELECT 'x::date, sold_at::date'",
        "PLPGSQL DECLARE y text := 'x'; BEGIN RETURN y::date::text; END"
      })
  void leavesAloneABodyThatIsTextAndNeedsNoSession(String body) throws SQLException {
    text(body);
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT ('now')::date",
        "SELECT (('today'))::timestamp(0)",
        "SELECT ('now'::text)::date",
        "SELECT CAST(('now') AS timestamptz)",
        "SELECT CAST('now' AS text)::date",
        "SELECT timestamp with time zone 'now'",
        "SELECT timestamp (3) with time zone 'now'",
        "SELECT date('now')",
        "SELECT '[now,)'::tstzrange",
        "SELECT tstzrange '[now,)'",
        "SELECT '{today}'::date[]",
        "SELECT 'now'::shop.stamp",
        "SELECT '(a,now)'::shop.pair",
        "SELECT extract(epoch FROM ('now')::timestamp)",
        "SELECT count(*) FROM shop.base_mv WHERE sold_at > 'today'",
        "SELECT count(*) FROM shop.base_mv b WHERE b.sold_at NOT BETWEEN '2026-01-01' AND 'today'",
        "SELECT count(*) FROM shop.base_mv b WHERE 'now' < b.sold_at",
        "SELECT count(*) FROM shop.base_mv b WHERE b.sold_at IN ('2026-01-01Z', 'now')",
        "SELECT shop.with_defaults(1)",
        "SELECT shop.with_defaults(1, c => 2)",
        "SELECT shop.takes(1, 'today', 'x')",
        "SELECT shop.takes(1, t => 'x', d => 'today')",
        "SELECT age('now', x)",
        "SELECT date_bin('15 minutes', 'now', timestamptz '2026-01-01 00:00Z')",
        "SELECT tstzrange('now', NULL) @> x",
        "SELECT greatest(x, 'now') IS NULL",
        "SELECT CASE WHEN x IS NULL THEN 'now' ELSE x END IS NULL",
        "SELECT x - 'now'",
        "SELECT x IS NOT DISTINCT FROM 'now'",
        "SELECT x IN ('now') OR x = ANY ('{now}')",
        "SELECT count(*) FROM shop.base_mv b WHERE sold_at = ANY (ARRAY['today'])",
        "SELECT count(*) FROM shop.base_mv b WHERE 'yesterday' <= (b.sold_at AT TIME ZONE 'UTC')::date",
        "SELECT count(*) FROM shop.base_mv b WHERE date_trunc('day', b.sold_at, 'UTC') = 'today'",
        "SELECT count(*) FROM shop.base_mv b WHERE b.sold_at AT TIME ZONE 'UTC' > 'now'",
        "PLPGSQL DECLARE d shop.base_mv.sold_at%TYPE; BEGIN d := 'now'; RETURN d IS NULL; END",
        "PLPGSQL DECLARE t timestamptz := 'now'; BEGIN RETURN t IS NULL; END",
        "PLPGSQL DECLARE a int; t timestamp with time zone NOT NULL DEFAULT 'now'; BEGIN RETURN t IS NULL; END",
        "PLPGSQL DECLARE t CONSTANT date = 'today'; BEGIN RETURN t IS NULL; END",
        "PLPGSQL DECLARE t date; BEGIN t := ('today'); RETURN t IS NULL; END",
        "PLPGSQL BEGIN EXECUTE 'SELECT timestamp with time zone ''now'''; RETURN NULL; END"
      })
  void findsTheTimeInABodyThatIsText(String body) throws SQLException {
    text(body);
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .allMatch(
            finding ->
                finding.startsWith(
                    "block shop.of_text(timestamp with time zone) depends on the time"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO shop.dated (n, d) VALUES (1, 'now')",
        "INSERT INTO shop.dated VALUES (1, 'x', '2026-01-01'), (2, 'y', 'today')",
        "INSERT INTO shop.dated AS r (d) SELECT 'today' FROM shop.sale",
        "INSERT INTO shop.dated (n) VALUES (1) ON CONFLICT DO UPDATE SET d = 'now'",
        "UPDATE shop.dated SET name = 'x', d = 'today' WHERE n = 1",
        "MERGE INTO shop.dated r USING shop.sale s ON r.n = s.shop WHEN NOT MATCHED THEN INSERT (n, d) VALUES (1, 'today')",
        "DELETE FROM shop.dated WHERE d < 'yesterday'",
        "INSERT INTO shop.dated (n) SELECT s.shop FROM shop.sale s WHERE s.sold_at < 'now'",
        "ALTER TABLE shop.dated ALTER d SET DEFAULT now() | INSERT INTO shop.dated AS t (n, name) VALUES (1, 'x')"
      })
  void findsTheTimeInAStep(String sql) throws SQLException {
    step(sql);
    assertThat(database.gate("time-of-query"))
        .hasSize(1)
        .allMatch(f -> f.startsWith("block shop.dated depends on the time"))
        .allMatch(f -> f.contains("in step fill"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO shop.dated (n, name) VALUES (1, 'now')",
        "INSERT INTO shop.dated VALUES (1, 'today', '2026-01-01')",
        "INSERT INTO shop.dated (name, d) SELECT 'now', '2026-01-01' FROM shop.sale",
        "UPDATE shop.dated SET d = '2026-01-01', name = 'today'",
        "ALTER TABLE shop.dated ALTER d SET DEFAULT now() | INSERT INTO shop.dated (n, \"d\") VALUES (1, NULL)",
        "ALTER TABLE shop.dated ALTER d SET DEFAULT now() | INSERT INTO shop.dated SELECT 1, 'x', NULL",
        "ALTER TABLE shop.dated ALTER name SET DEFAULT now()::text | INSERT INTO shop.dated (d) VALUES (NULL)",
        "INSERT INTO shop.dated (n, name) SELECT s.shop, upper(s.title) FROM shop.sale s WHERE s.title <> 'now'"
      })
  void leavesAloneAStepThatWritesTexts(String sql) throws SQLException {
    step(sql);
    assertThat(database.gate("time-of-query")).isEmpty();
  }

  @Test
  void whatAStepSpellsByItsSessionOnlyWarns() throws SQLException {
    step("INSERT INTO shop.dated (n, name) SELECT s.shop, s.weight::text FROM shop.sale s");
    assertThat(database.gate("time-of-query"))
        .hasSize(1)
        .allMatch(f -> f.startsWith("warn shop.dated depends on the session of the refresh"));
  }

  /** A table that a step fills, whose column d the entrypoint reads; DDL before a bar. */
  private void step(String text) throws SQLException {
    String sql = text.substring(text.indexOf(" | ") < 0 ? 0 : text.indexOf(" | ") + 3);
    database.run("CREATE TABLE shop.dated (n int, name text, d date)");
    if (!sql.equals(text)) {
      database.run(text.substring(0, text.indexOf(" | ")));
    }
    entrypoint("(SELECT max(d) FROM shop.dated)");
    database.run(
        "INSERT INTO audit.sql_step (store, name, position, sql, reads, writes) VALUES ('shop', 'fill', 1, ?, '{}', '{shop.dated}')",
        sql);
  }

  @Test
  void findsTheTimeThatAFunctionReturnsAsText() throws SQLException {
    database.run(
        "CREATE FUNCTION shop.today() RETURNS date LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 'today'; END $$");
    entrypoint("shop.today()");
    assertThat(database.gate("time-of-query")).hasSize(1).allMatch(f -> f.startsWith("block"));
  }

  private void text(String body) throws SQLException {
    boolean procedural = body.startsWith("PLPGSQL ");
    database.run("SET LOCAL check_function_bodies = off");
    database.run(
        "CREATE FUNCTION shop.of_text(x timestamptz) RETURNS text LANGUAGE "
            + (procedural ? "plpgsql" : "sql")
            + " STABLE AS $body$ "
            + (procedural ? body.substring(8) : "SELECT (" + body + ")::text")
            + " $body$");
    entrypoint("shop.of_text(sold_at)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "now() | now()",
        "shop.with_defaults(1) | now(), a default of shop.with_defaults(integer,timestamp with time zone,integer)",
        "'[now,)'::text::tstzrange | '[now,)'::tstzrange",
        "jsonb_populate_record(NULL::shop.pair, '{\"d\": \"now\"}') | jsonb_populate_record(anyelement,jsonb)"
      })
  void timeOfQueryBlocksBehindAMaterializedViewToo(String expression, String call)
      throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE MATERIALIZED VIEW shop.frozen_mv AS SELECT shop, sale_id, sold_at, "
            + expression
            + " AS x FROM shop.base_mv WITH NO DATA");
    database.run("CREATE VIEW shop.features_v AS SELECT * FROM shop.frozen_mv");
    assertThat(database.gate("time-of-query"))
        .containsExactly(
            "block shop.frozen_mv depends on the time of the query: "
                + call
                + "; path shop.features_v → shop.frozen_mv");
  }

  @Test
  void aJsonConstantWithNowInsideAWordIsNoTime() throws SQLException {
    database.run("DROP VIEW shop.features_v");
    database.run(
        "CREATE MATERIALIZED VIEW shop.frozen_mv AS SELECT shop, sale_id, sold_at,"
            + " jsonb_populate_record(NULL::shop.pair, '{\"a\": \"unknown\", \"d\": \"1/2/2026\"}') AS x FROM shop.base_mv WITH NO DATA");
    database.run("CREATE VIEW shop.features_v AS SELECT * FROM shop.frozen_mv");
    assertThat(database.gate("time-of-query"))
        .hasSize(1)
        .allMatch(f -> f.startsWith("warn shop.frozen_mv depends on the session"));
  }

  /** What a function sets for itself, no session sets; x is its argument. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "timestamptz | TimeZone = 'UTC' | x::date",
        "timestamptz | TimeZone = 'UTC' SET DateStyle = 'ISO' | x::text",
        "timestamptz | TimeZone = 'UTC' | to_jsonb(x)",
        "text | TimeZone = 'UTC' SET DateStyle = 'ISO' | x::timestamptz",
        "float8 | extra_float_digits = 1 | x::text",
        "interval | IntervalStyle = 'postgres' | x::text",
        "text | search_path = shop | x::regclass",
        "text | default_text_search_config = 'english' | to_tsvector(x)",
        "numeric | lc_monetary = 'C' | x::money::numeric"
      })
  void whatAFunctionPinsDependsOnNoSession(String type, String pinned, String expression)
      throws SQLException {
    for (String body :
        List.of(
            "AS 'SELECT (" + expression.replace("'", "''") + ") IS NULL'",
            "BEGIN ATOMIC SELECT (" + expression + ") IS NULL; END")) {
      String head =
          "CREATE OR REPLACE FUNCTION shop.pins(x "
              + type
              + ") RETURNS boolean LANGUAGE sql STABLE ";
      database.run(head + " SET " + pinned + " " + body);
      entrypoint("shop.pins(NULL::" + type + ")");
      assertThat(database.gate("time-of-query")).as(body).isEmpty();
    }
    database.run(
        "CREATE OR REPLACE FUNCTION shop.pins(x "
            + type
            + ") RETURNS boolean LANGUAGE sql STABLE SET work_mem = '4MB' BEGIN ATOMIC SELECT ("
            + expression
            + ") IS NULL; END");
    assertThat(database.gate("time-of-query"))
        .isNotEmpty()
        .allMatch(f -> f.startsWith("block shop.pins("));
  }

  @Test
  void settingsThatAFunctionPinsHideNeitherTimeNorUser() throws SQLException {
    database.run(
        "CREATE FUNCTION shop.pins(x timestamptz) RETURNS text LANGUAGE sql STABLE SET TimeZone = 'UTC' SET DateStyle = 'ISO'"
            + " AS $$ SELECT current_user || ('today'::date <= x::date) $$");
    entrypoint("shop.pins(sold_at)");
    assertThat(database.gate("time-of-query"))
        .hasSize(2)
        .anyMatch(f -> f.contains("on the time of the query: 'today' as date"))
        .anyMatch(f -> f.contains("on the session of the reader: CURRENT_USER"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sold_at::shop.past", "ARRAY[sold_at]::shop.past[]", "shop.casts(sold_at)"})
  void findsTheTimeInTheCheckOfADomain(String expression) throws SQLException {
    database.run("CREATE DOMAIN shop.past AS timestamptz CHECK (VALUE < now())");
    database.run(
        "CREATE FUNCTION shop.casts(x timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT x::shop.past'");
    entrypoint(expression);
    assertThat(database.gate("time-of-query"))
        .hasSize(1)
        .allMatch(f -> f.startsWith("block"))
        .allMatch(f -> f.contains("now() in a CHECK of domain shop.past"));
  }

  @Test
  void findsTheTimeInTheInitialStateOfAnAggregate() throws SQLException {
    for (String state : List.of("2026-01-01", "today")) {
      database.run("DROP AGGREGATE IF EXISTS shop.latest(date) CASCADE");
      database.run(
          "CREATE AGGREGATE shop.latest(date) (SFUNC = date_larger, STYPE = date, INITCOND = '"
              + state
              + "')");
      database.run("DROP VIEW IF EXISTS shop.features_v");
      database.run(
          "CREATE VIEW shop.features_v AS SELECT shop.latest((sold_at AT TIME ZONE 'UTC')::date) AS x FROM shop.base_mv");
      assertThat(database.gate("time-of-query")).hasSize(state.equals("today") ? 1 : 0);
    }
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
            "CREATE FUNCTION shop.takes(a int, d date, t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
            "CREATE TYPE shop.pair AS (a text, d date)",
            "CREATE TYPE shop.plain AS (a text, n int)",
            "CREATE DOMAIN shop.stamp AS timestamptz",
            "CREATE FUNCTION shop.with_defaults(a int, b timestamptz DEFAULT now(), c int DEFAULT 1) RETURNS int LANGUAGE sql STABLE AS 'SELECT a'",
            "CREATE FUNCTION shop.calls_with_defaults() RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT shop.with_defaults(1); END",
            "CREATE FUNCTION shop.zoned_default(a int, b text DEFAULT timestamptz '2026-01-01 00:00Z'::text) RETURNS int LANGUAGE sql STABLE AS 'SELECT a'",
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
