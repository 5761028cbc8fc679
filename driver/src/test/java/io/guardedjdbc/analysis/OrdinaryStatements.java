package io.guardedjdbc.analysis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Reading statements in the forms that object mappers, dashboards, pandas, Spark, psql and people
 * send, against a small business beside two stores. Nobody tries to hide or to fake anything here,
 * but words are shared: a column {@code store}, an alias {@code features}, a schema {@code store}.
 * One table in ten and one column in ten has a name that a guarded relation has as well.
 */
final class OrdinaryStatements {
  static final String OBJECTS =
      """
      CREATE SCHEMA ml; CREATE SCHEMA shop; CREATE SCHEMA store;
      CREATE TABLE ml.listing (id int PRIMARY KEY, day date, price numeric);
      CREATE MATERIALIZED VIEW ml.listing_features AS SELECT id, day, price FROM ml.listing;
      CREATE VIEW ml.survival_feature_store_t0_v1_v AS SELECT * FROM ml.listing_features;
      CREATE VIEW ml.survival_feature_store_train_v AS TABLE ml.survival_feature_store_t0_v1_v;
      CREATE MATERIALIZED VIEW ml.features AS SELECT id, price FROM ml.listing;
      CREATE VIEW ml.store AS SELECT * FROM ml.features;
      CREATE TABLE shop.sale (id int PRIMARY KEY, store text, customer_id int, day date,
        amount numeric, status text, tags text[], detail jsonb);
      CREATE TABLE shop.customer (id int PRIMARY KEY, name text, email text, store text,
        created_at timestamptz, features jsonb);
      CREATE TABLE shop.product (id int PRIMARY KEY, name text, price numeric, features text[]);
      CREATE TABLE shop.sale_item (id int PRIMARY KEY, sale_id int, product_id int, quantity int);
      CREATE TABLE shop.store (id int PRIMARY KEY, name text, city text, opened date);
      CREATE TABLE store.visit (id int PRIMARY KEY, store text, day date, visitors int);
      """;

  /** What needs a certificate: the server must refuse it to a role without these privileges. */
  static final String GUARDED =
      "ml.survival_feature_store_t0_v1_v, ml.survival_feature_store_train_v, ml.store,"
          + " ml.listing_features, ml.features";

  private record Table(String schema, String name, List<String> columns) {
    String full() {
      return schema + "." + name;
    }

    String quoted() {
      return '"' + schema + "\".\"" + name + '"';
    }
  }

  private static final List<Table> TABLES =
      List.of(
          table("shop", "sale", "id store customer_id day amount status"),
          table("shop", "sale", "id customer_id day amount status"),
          table("shop", "customer", "id name email created_at"),
          table("shop", "customer", "id name email store features"),
          table("shop", "product", "id name price"),
          table("shop", "product", "id name price features"),
          table("shop", "sale_item", "id sale_id product_id quantity"),
          table("shop", "sale_item", "id sale_id quantity"),
          table("shop", "store", "id name city opened"),
          table("store", "visit", "id day visitors"),
          table("ml", "listing", "id day price"));

  private static final List<String> FORMS =
      List.of(
          // object mappers
          "select a1_0.{a},a1_0.{b} from {T} a1_0 where a1_0.id={v} order by a1_0.{a} limit {n}",
          "select a.{a} as {a}1_0_, a.{b} as {b}2_0_ from {T} a where a.id is not null offset {n}",
          "SELECT {T}.{a}, {T}.{b} FROM {T} WHERE {T}.id IS NOT NULL ORDER BY {T}.{a} DESC LIMIT {n}",
          "SELECT {Q}.\"{a}\", {Q}.\"{b}\" FROM {Q} WHERE {Q}.\"id\" IN ({n}, {m}) LIMIT 21",
          "SELECT COUNT(*) AS \"__count\" FROM {Q} WHERE {Q}.\"id\" > {n}",
          "select count(*) from (select distinct x.{a} from {T} x where x.id < {n}) counted",
          "select 1 as one from {T} where {T}.id = {n} limit 1",
          "select {al}.{a}, {al}.{b} from {T} {al} where {al}.id = {n}",
          "select {al}.* from {T} as {al} left join shop.sale_item i on i.sale_id = {al}.id where i.quantity > {n}",
          "SELECT anon_1.{a} FROM (SELECT {T}.{a} AS {a}, {T}.id AS id FROM {T}) AS anon_1 WHERE anon_1.id = {n}",
          "select s.id, s.store from shop.sale s join shop.store st on st.name = s.store where st.id = {n}",
          "select store.id, store.name from shop.store where store.id = {n}",
          "select exists (select 1 from {T} x where x.id = {n} and x.{a} is not null)",
          // dashboards
          "SELECT \"t0\".\"{a}\" AS \"{a}\", COUNT(1) AS \"cnt\" FROM {Q} \"t0\" GROUP BY 1 HAVING COUNT(1) > {n} ORDER BY 2 DESC",
          "SELECT \"Custom SQL Query\".\"{a}\" AS \"{a}\" FROM ( select * from {T} where id > {n} ) \"Custom SQL Query\" GROUP BY 1",
          "with daily as (select day, sum(amount) as total from shop.sale where id > {n} group by day) select day, total, lag(total) over (order by day) from daily",
          "with store as (select name, city from shop.store where id < {n}) select store.name from store where store.city is not null",
          "with features as (select id, price from shop.product where id > {n}) select avg(f.price) from features f",
          "select date_trunc('month', day) as month, store, sum(amount) from shop.sale where id > {n} group by month, store order by 1",
          "select {a} as store, {b} as features from {T} where id = {n}",
          "select \"source\".\"{a}\" as \"{a}\", sum(case when \"source\".\"id\" > {n} then 1 else 0 end) as \"hits\" from (select {Q}.\"{a}\", {Q}.\"id\" from {Q}) as \"source\" group by \"source\".\"{a}\"",
          "select {a}, row_number() over (partition by {b} order by id) from {T} where id between {n} and {m}",
          "select s.store, percentile_cont(0.5) within group (order by s.amount) from shop.sale s where s.id > {n} group by s.store",
          "select coalesce(s.store, 'none') as store, count(*) filter (where s.amount > {n}) from shop.sale s group by 1",
          "select c.features ->> 'store' as store from shop.customer c where c.features @> '{\"vip\": {n}}'",
          "select f from shop.product p, unnest(p.features) as f where p.id = {n}",
          "select store.id, features.ord from shop.store, lateral (select {n} as ord) features",
          "select v.day, v.store, v.visitors from store.visit v where v.visitors > {n}",
          "select grouping(store), store, sum(amount) from shop.sale where id > {n} group by rollup (store)",
          "select store from shop.sale where id < {n} union select store from shop.customer where id > {m}",
          // people
          "select distinct on (s.store) s.store, s.day, s.amount from shop.sale s where s.id > {n} order by s.store, s.day desc",
          "select store, string_agg(distinct status, ',' order by status) from shop.sale where id > {n} group by store",
          "select s.store, array_agg(s.tags[1] order by s.day) from shop.sale s where s.id > {n} group by s.store",
          "select s.detail #>> '{x,y}' as features, s.detail ? 'store' from shop.sale s where s.id = {n}",
          "select store, extract(year from day), amount from shop.sale where day > current_date - interval '{n} days'",
          "select store, day::text, cast(amount as int) from shop.sale where store ilike '%a%' and id <> {n}",
          "select store from shop.sale where store = any (array['a', 'b']) and id is distinct from {n}",
          "select store from shop.sale where store similar to '(a|b)%' or store ~ '^x' or id = {n}",
          "select store, sum(amount) over w from shop.sale where id > {n} window w as (partition by store order by day rows between 6 preceding and current row)",
          "select substring(store from 1 for 3), amount from shop.sale where id = {n}",
          "select position('a' in store), trim(both ' ' from store) from shop.sale where id = {n}",
          "select overlay(store placing 'x' from 2) from shop.sale where id = {n}",
          "select json_build_object('store', s.store, 'features', c.features) from shop.sale s join shop.customer c on c.id = s.customer_id where s.id = {n}",
          "select store collate \"C\" from shop.sale where id > {n} order by store collate \"C\" nulls last",
          "select created_at at time zone 'Europe/Berlin', store from shop.customer where id = {n}",
          "select store, day from shop.sale tablesample system (10) where id > {n}",
          "select store, status, count(*) from shop.sale where id > {n} group by grouping sets ((store), (status), ())",
          "select to_tsvector('simple', store) @@ to_tsquery('simple', 'a') from shop.sale where id = {n}",
          "select g.day, s.store from generate_series(date '2024-01-01', date '2024-02-01', interval '1 day') as g(day) left join shop.sale s on s.day = g.day and s.id > {n}",
          "select * from (values (1, 'a'), ({n}, 'b')) as v(id, store) where v.store <> 'c'",
          "select store from shop.sale where (store, status) in (('a', 'b'), ('c', 'd')) and id < {n} fetch first 5 rows only",
          "select case when store = 'a' then 1 when store is null then 2 else 3 end as features from shop.sale where id between symmetric {m} and {n}",
          "select store from shop.sale where id = {n} for update skip locked",
          "select s.store from shop.sale s where not exists (select from shop.customer c where c.store = s.store and c.id > {n})",
          "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select n.i, s.store from n join shop.sale s on s.id = n.i where s.id > {n}",
          // pandas, Spark
          "SELECT * FROM ({w} * FROM {T} WHERE id < {n}) SPARK_GEN_SUBQ_{m} WHERE 1=0",
          "SELECT \"{a}\",\"{b}\" FROM {T} WHERE (\"{a}\" IS NOT NULL) AND \"id\" < {n} or \"id\" is null",
          "SELECT {a},{b} FROM {T} WHERE id >= {n} AND id < {m}",
          "SELECT * FROM {T} LIMIT {n}",
          // psql and its like
          "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^({g})$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) AND c.oid <> {n}",
          "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull FROM pg_catalog.pg_attribute a WHERE a.attrelid = '{n}' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
          "SELECT pg_catalog.pg_get_viewdef('{n}'::pg_catalog.oid, true)",
          "SELECT table_schema, table_name FROM information_schema.tables WHERE table_name = '{g}' AND {n} > 0",
          "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'ml' AND table_name = '{g}' AND ordinal_position < {n}",
          "SELECT relname, n_live_tup FROM pg_stat_user_tables WHERE relname = '{g}' AND n_live_tup >= {n}",
          "SELECT pid, state, query FROM pg_stat_activity WHERE pid = {n}",
          "SELECT count(*) FROM shop.sale WHERE status = '{g}' AND id > {n}",
          "SELECT setting::int + {n} FROM pg_settings WHERE name = 'work_mem'",
          "SELECT current_schema(), version(), {n}",
          "SHOW search_path");

  /** The same, but of something guarded: what may not be missed. */
  private static final List<String> GUARDED_FORMS =
      List.of(
          "select * from ml.{G} limit {n}",
          "SELECT x.id FROM ml.{G} x WHERE x.id < {n}",
          "select s.id from shop.sale s join ml.{G} f on f.id = s.id where s.id > {n}",
          "SELECT \"{a}\" FROM (select id as {a} from \"ml\".\"{G}\") t where {a} > {n}",
          "with {al} as (select id from ml.{G} where id > {n}) select count(*) from {al}");

  private static final List<String> NAMES =
      List.of(
          "survival_feature_store_t0_v1_v",
          "survival_feature_store_train_v",
          "store",
          "listing_features",
          "features");

  /** Nine plain aliases, one that is the name of something guarded. */
  private static final List<String> ALIASES =
      List.of("s", "t", "sale", "c", "base", "src", "q", "customer", "this_", "store");

  /** What stands before one text in ten: somebody asks why it is slow. */
  private static final List<String> EXPLAINS =
      List.of(
          "EXPLAIN ",
          "explain analyze ",
          "EXPLAIN VERBOSE ",
          "EXPLAIN (FORMAT JSON) ",
          "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) ",
          "explain (costs off)\n");

  private final Random random;

  private OrdinaryStatements(long seed) {
    random = new Random(seed);
  }

  private static Table table(String schema, String name, String columns) {
    return new Table(schema, name, List.of(columns.split(" ", -1)));
  }

  /** Distinct texts, the same for the same seed; one in twenty reads something guarded. */
  static Collection<String> distinct(int number, long seed) {
    OrdinaryStatements statements = new OrdinaryStatements(seed);
    Set<String> texts = new LinkedHashSet<>();
    while (texts.size() < number) {
      boolean guarded = statements.random.nextInt(20) == 0;
      String text = statements.text(statements.one(guarded ? GUARDED_FORMS : FORMS));
      boolean explained = !text.startsWith("SHOW") && statements.random.nextInt(10) == 0;
      texts.add(explained ? statements.one(EXPLAINS) + text : text);
    }
    return new ArrayList<>(texts);
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private String text(String form) {
    Table table = one(TABLES);
    List<String> columns = new ArrayList<>(table.columns());
    columns.remove("id");
    Collections.shuffle(columns, random);
    int n = 1 + random.nextInt(5000);
    return form.replace("{T}", table.full())
        .replace("{Q}", table.quoted())
        .replace("{a}", columns.get(0))
        .replace("{b}", columns.get(1))
        .replace("{al}", one(ALIASES))
        .replace("{g}", one(NAMES))
        .replace("{G}", one(NAMES))
        .replace("{w}", random.nextBoolean() ? "SELECT" : "select")
        .replace("{v}", String.valueOf(random.nextInt(100_000)))
        .replace("{m}", String.valueOf(n + random.nextInt(1000)))
        .replace("{n}", String.valueOf(n));
  }
}
