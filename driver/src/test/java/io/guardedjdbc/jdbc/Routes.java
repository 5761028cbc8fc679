package io.guardedjdbc.jdbc;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The ways by which a row can leave pgjdbc, as code that an application may write. Each reads
 * {@code secret} or {@code crowd}, and nothing else there is guarded.
 */
final class Routes {
  static final String SETUP =
      """
      create table secret (id int primary key, label text, again text default 'LEAK');
      insert into secret values (1, 'LEAK');
      create table plain (id int primary key, label text);
      insert into plain values (1, 'harmless');
      create function peek(out label text) language sql as 'select label from secret';
      create function shout() returns text language plpgsql as
        $$begin raise notice '%', (select label from secret); return 'x'; end$$;
      create function open_cursor() returns refcursor language plpgsql as
        $$declare c refcursor := 'treasure';
        begin open c for select label from secret; return c; end$$;
      """;

  /** What the routes of this list need besides. */
  static final String MORE_SETUP =
      """
      create table crowd as select i as id, 'LEAK'::text as label from generate_series(1, 10) i;
      analyze crowd;
      create schema made;
      create sequence counter;
      create view window_on_secret as select label from secret;
      create table hooked (id int primary key, label text);
      create function hook() returns trigger language plpgsql as
        $$begin new.label := (select label from secret); return new; end$$;
      create trigger hook before insert on hooked for each row execute function hook();
      create function heard() returns text language plpgsql as
        $$begin return (select label from secret); end$$;
      create table defaulted (id int, label text default heard());
      create procedure tell(inout what text) language plpgsql as
        $$begin what := (select label from secret); raise notice '%', what; end$$;
      create procedure keep() language plpgsql as
        $$begin insert into plain select id + 1, label from secret; end$$;
      create procedure keep_at_once() language plpgsql as
        $$begin insert into plain select id + 1, label from secret; commit; end$$;
      """;

  /** To be run between two routes. */
  static final String RESET =
      """
      do $$begin
        if exists (select from pg_depend where refobjid = 'made'::regnamespace
            and refclassid = 'pg_namespace'::regclass)
          or to_regclass('public.window_on_secret') is null then
          drop schema made cascade; create schema made;
          drop view if exists pane, window_on_secret;
          create view window_on_secret as select label from secret;
        end if;
      end$$;
      delete from secret; insert into secret values (1, 'LEAK');
      delete from plain; insert into plain values (1, 'harmless');
      delete from hooked;
      delete from defaulted;
      select lo_unlink(oid) from pg_largeobject_metadata;
      select setval('counter', 1, false);
      """;

  /** A file of the server's machine that routes write. */
  static final Path FILE =
      Path.of(
          System.getProperty("java.io.tmpdir"),
          "guarded-routes-" + ProcessHandle.current().pid() + ".txt");

  private Routes() {}

  static List<Route> all(int major) {
    return Stream.of(
            StatementRoutes.statements(),
            StatementRoutes.generatedKeys(),
            StatementRoutes.batches(),
            StatementRoutes.prepared(),
            StatementRoutes.calls(),
            ObjectRoutes.cursors(),
            ObjectRoutes.detours(),
            ObjectRoutes.writtenRows(),
            ObjectRoutes.values(),
            ObjectRoutes.copy(),
            ObjectRoutes.insides(),
            TextRoutes.reads(),
            TextRoutes.sessions(),
            TextRoutes.writes(major),
            TextRoutes.files(),
            TextRoutes.notices())
        .flatMap(group -> group)
        .toList();
  }
}
