package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogDigestTest extends CatalogTest {
  CatalogDigestTest() throws SQLException {
    super(
        """
        create table ml.plain(i int); create table ml.kid(i int); create schema moved;
        create unique index on ml.features_mv(id);
        create table ml.raw_parent(id int, day date); create type ml.kind as enum ('a');
        create type ml.composed as (i int);
        create domain ml.amount as int; create table ml.typed(i int, k ml.kind);
        create function ml.f() returns int language sql as 'select 1';
        create function ml.g() returns trigger language plpgsql as 'begin return new; end';
        """);
  }

  private CatalogDigest digest() throws SQLException {
    return CatalogState.read(database.connection, database.map().source()).digest();
  }

  @Test
  void isTheOneThatTheMapWasReadWith() throws SQLException {
    assertThat(digest()).isEqualTo(database.map().digest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table ml.added(i int)",
        "create view ml.added_view as select 1 x",
        "create or replace view ml.train as select id, day from ml.store where id > 0",
        "alter table ml.plain rename to renamed",
        "alter table ml.kid set schema moved",
        "alter schema moved rename to moved_again",
        "create or replace function ml.f() returns int language sql as 'select 2'",
        "alter table ml.raw inherit ml.raw_parent",
        "create trigger t before insert on ml.raw for each row execute function ml.g()",
        "create policy p on ml.raw using (true)",
        "create rule r as on insert to ml.raw do also select 1",
        "create cast (ml.kind as text) with inout",
        "create operator ml.%% (rightarg = int, function = pg_catalog.int4um)",
        "alter table ml.raw alter id set default ml.f()",
        "alter table ml.raw add check (id <> ml.f())",
        "alter table ml.raw_parent add foreign key (id) references ml.raw on delete cascade",
        "create domain ml.checked as int check (value <> ml.f())",
        "alter type ml.composed add attribute j int[]",
        "alter table ml.typed add column a ml.amount",
        "create temporary view peek as table ml.store",
        "create temporary table heir() inherits (ml.raw)",
        "insert into audit.t0_viewdef_baseline values ('ml.raw', 'ml.raw', 'r', 'x', now())"
      })
  void changesWith(String definition) throws SQLException {
    CatalogDigest before = digest();
    database.execute(definition);
    assertThat(digest()).isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "refresh materialized view ml.features_mv",
        "refresh materialized view concurrently ml.features_mv",
        "insert into ml.raw values (4711, now())",
        "update audit.t0_cert_registry set status = 'FAILED', certified_at = now()",
        "insert into audit.t0_cert_registry values ('ml.raw', 'CERTIFIED')",
        "analyze ml.raw",
        "create temporary table scratch(i int, k ml.kind)",
        "create index on ml.typed(k)",
        "create index on ml.raw(day)",
        "comment on table ml.raw is 'x'"
      })
  void staysWith(String statement) throws SQLException {
    CatalogDigest before = digest();
    database.execute(statement);
    assertThat(digest()).isEqualTo(before);
  }
}
