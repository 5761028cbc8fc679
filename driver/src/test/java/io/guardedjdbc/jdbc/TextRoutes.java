package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.Reading.transcript;

import io.guardedjdbc.jdbc.Route.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Routes through what a text says, sent by {@code Statement.execute} one after the other. */
final class TextRoutes {
  /** Between two texts: what certifies is revoked here, if at all, else ahead of all. */
  private static final String REVOCATION = "";

  private static final String COPIED = "select label from plain order by id desc";
  private static final String EXPLAIN =
      "explain (analyze, costs off, timing off, summary off, buffers off) ";

  private TextRoutes() {}

  private static Route text(String name, String... texts) {
    return of(Kind.GUARDED, name, texts);
  }

  private static Route silent(String name, String... texts) {
    return of(Kind.SILENT, name, texts);
  }

  private static Route structural(String name, String... texts) {
    return of(Kind.STRUCTURAL, name, texts);
  }

  private static Route of(Kind kind, String name, String... texts) {
    int last = List.of(texts).indexOf(REVOCATION);
    List<String> before = List.of(texts).subList(0, Math.max(last, 0));
    List<String> after = List.of(texts).subList(last + 1, texts.length);
    return new Route(
        name,
        kind,
        (c, revocation) -> {
          String seen = transcript(c, before.toArray(String[]::new));
          revocation.passes();
          return seen + transcript(c, after.toArray(String[]::new));
        });
  }

  static Stream<Route> reads() {
    return Stream.of(
        text("TABLE", "table secret"),
        text("view", "select * from window_on_secret"),
        text("row type", "select secret from secret"),
        text("common table expression", "with s as (select * from secret) select label from s"),
        text("VALUES", "values ((select label from secret))"),
        text("function in plpgsql", "select heard()"),
        text("function in SQL", "select peek()"),
        text("query as a literal", "select query_to_xml('table secret', true, true, '')"),
        text("table as a literal", "select table_to_xml('secret', true, true, '')"),
        text("schema as a literal", "select schema_to_xml('public', true, true, '')"),
        text(
            "query of words",
            "select word from ts_stat($$select 'LEAK:1'::tsvector from secret$$)"),
        text("statistics", "select most_common_vals::text from pg_stats where tablename = 'crowd'"),
        text(
            "statistics without a name",
            "select most_common_vals::text from pg_stats where schemaname = 'public'"),
        text("two texts", "select 1; table secret"),
        new Route(
            "aborted transaction",
            Kind.STRUCTURAL,
            (c, revocation) -> {
              String seen;
              try {
                seen = transcript(c, "begin", "select 1 / 0");
              } catch (SQLException e) {
                seen = e.getSQLState();
              }
              revocation.passes();
              return seen + transcript(c, "rollback; select label from secret");
            }),
        silent("WHERE false", "select label from secret where false"),
        silent("LIMIT 0", "select label from secret limit 0"),
        silent("EXISTS", "select exists (select from secret where label = 'LEAK')"),
        silent("count", "select count(*) from secret"),
        silent("EXPLAIN", "explain (costs off) select label from secret"),
        silent("EXPLAIN ANALYZE", EXPLAIN + "select label from secret"));
  }

  static Stream<Route> sessions() {
    String prepare = "prepare p as select label from secret";
    String declare = "declare d cursor for select label from secret";
    String fetch =
        "do $$declare c refcursor := 'd'; r record;"
            + " begin fetch c into r; raise notice '%', r; end$$";
    return Stream.of(
        text("EXECUTE", prepare, "execute p"),
        text("EXECUTE later", prepare, REVOCATION, "execute p"),
        text(
            "EXECUTE into a table",
            prepare,
            REVOCATION,
            "create table made.m as execute p",
            "table made.m"),
        silent("EXPLAIN ANALYZE EXECUTE", prepare, REVOCATION, EXPLAIN + "execute p"),
        text("FETCH", "begin", declare, "fetch all from d"),
        of(Kind.VALIDATED, "FETCH later", "begin", declare, REVOCATION, "fetch all from d"),
        of(Kind.VALIDATED, "FETCH in a block", "begin", declare, REVOCATION, fetch),
        text(
            "cursor as a literal",
            "begin",
            declare,
            REVOCATION,
            "select cursor_to_xml('d', 1, true, true, '')"),
        of(Kind.VALIDATED, "MOVE", "begin", declare, REVOCATION, "move all from d"),
        text(
            "cursor WITH HOLD",
            "begin",
            "declare h cursor with hold for select label from secret",
            "commit",
            "fetch all from h"),
        of(
            Kind.VALIDATED,
            "cursor WITH HOLD, later",
            "begin",
            "declare h cursor with hold for select label from secret",
            REVOCATION,
            "commit",
            "fetch all from h"),
        text("setting", "select set_config('my.x', label, false) from secret", "show my.x"),
        text("new view", "create view made.v as select label from secret", "table made.v"),
        text("new temporary view", "create temp view v as select label from secret", "table v"),
        text(
            "new function",
            "create function made.f() returns text language sql as 'select label from secret'",
            "select made.f()"),
        text("renamed view", "alter view window_on_secret rename to pane", "table pane"),
        text(
            "view in another schema",
            "alter view window_on_secret set schema made",
            "table made.window_on_secret"));
  }

  static Stream<Route> writes(int major) {
    List<Route> routes = new ArrayList<>();
    routes.add(text("CREATE TABLE AS", "create table made.m as table secret", "table made.m"));
    routes.add(text("temporary table", "create temp table m as table secret", "table m"));
    routes.add(text("SELECT INTO", "select label into made.m from secret", "table made.m"));
    routes.add(
        text(
            "materialized view",
            "create materialized view made.m as table secret",
            "select 'LEAK'"));
    routes.add(text("INSERT SELECT", "insert into plain select id + 1, label from secret", COPIED));
    routes.add(text("UPDATE FROM", "update plain set label = s.label from secret s", COPIED));
    routes.add(silent("DELETE USING", "delete from plain p using secret s where s.label = 'LEAK'"));
    routes.add(text("UPDATE RETURNING", "update secret set id = id returning label"));
    routes.add(text("DELETE RETURNING", "delete from secret returning label"));
    routes.add(
        text("INSERT RETURNING", "insert into secret(id, label) values (2, 'x') returning again"));
    routes.add(
        text(
            "ON CONFLICT RETURNING",
            "insert into secret(id) values (1) on conflict (id) do update set id = secret.id"
                + " returning label"));
    routes.add(
        text(
            "writing table expression",
            "with s as (update plain set label = secret.label from secret returning plain.label)"
                + " table s"));
    String block = "do $$begin insert into plain select id + 1, label from secret; end$$";
    routes.add(text("DO that copies", block, COPIED));
    routes.add(text("CALL that copies", "call keep()", COPIED));
    routes.add(text("trigger", "insert into hooked(id) values (1)", "select label from hooked"));
    routes.add(text("default", "insert into defaulted(id) values (1) returning label"));
    routes.add(
        text(
            "new rule",
            "create table made.r (id int)",
            "create rule r as on insert to made.r do also insert into plain select id + 1, label"
                + " from secret",
            "insert into made.r values (1)",
            COPIED));
    routes.add(
        text(
            "new default",
            "create table made.a (id int, label text default heard())",
            "insert into made.a values (1) returning label"));
    routes.add(
        text(
            "new column",
            "create table made.a as select 1 as id;"
                + " alter table made.a add column label text default heard()",
            "table made.a"));
    routes.add(
        text(
            "EXPLAIN ANALYZE INSERT",
            EXPLAIN + "insert into plain select id + 1, label from secret",
            COPIED));
    routes.add(
        text(
            "large object by text",
            "select lo_from_bytea(77, label::bytea) from secret",
            "select convert_from(lo_get(77), 'UTF8')"));
    if (major >= 15) {
      routes.add(
          text(
              "MERGE",
              "merge into plain p using secret s on p.id = s.id"
                  + " when matched then update set label = s.label",
              COPIED));
    }
    if (major >= 17) {
      routes.add(
          text(
              "MERGE RETURNING",
              "merge into plain p using secret s on p.id = s.id"
                  + " when matched then update set label = s.label returning p.label"));
    }
    return routes.stream();
  }

  static Stream<Route> files() {
    String file = "'" + Routes.FILE + "'";
    return Stream.of(
        structural("COPY to a file", "copy secret to " + file),
        structural("COPY to a program", "copy secret to program $$cat > " + file + "$$"),
        of(
            Kind.CLOSED,
            "lo_export",
            "select lo_export(lo_create(77), " + file + "), label from secret"),
        structural("setval", "select setval('counter', id), label from secret"),
        structural("CALL that commits", "call keep_at_once()", COPIED),
        structural(
            "DO that commits",
            "do $$begin insert into plain select id + 1, label from secret; commit; end$$",
            COPIED));
  }

  static Stream<Route> notices() {
    return Stream.of(
        text("DO with a notice", "do $$begin raise notice '%', (select label from secret); end$$"),
        text("CALL with a notice", "call tell('')"),
        text("raised error", "do $$begin raise '%', (select label from secret); end$$"),
        text(
            "constraint error",
            "create table made.c (label text check (label is null))",
            "insert into made.c select label from secret"),
        text(
            "deferred error",
            "create table made.c (label text unique deferrable initially deferred)",
            "begin",
            "insert into made.c select label from secret union all select label from secret",
            "commit"));
  }
}
