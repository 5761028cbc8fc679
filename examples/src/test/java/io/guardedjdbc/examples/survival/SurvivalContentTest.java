package io.guardedjdbc.examples.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("postgres14")
class SurvivalContentTest {
  @SuppressWarnings("NullAway.Init")
  private static StoreDatabase store;

  @BeforeAll
  static void create() throws SQLException {
    // A session far from UTC, with a summer time: no row may depend on it.
    store = new StoreDatabase(SurvivalSize.DEFAULT, "America/New_York");
  }

  @AfterAll
  static void close() throws SQLException {
    store.close();
  }

  @Test
  void isTheSameOnEveryServerAndInEverySession() throws SQLException {
    assertThat(store.hashOfEntrypoint()).isEqualTo("e65ae25e8b60ede7bca1ec0beb853681");
  }

  @Test
  void hasTheListingsAskedFor() throws SQLException {
    assertThat(store.text("select count(distinct listing_id) from \"iPhone\".iphone_listings"))
        .isEqualTo("5000");
    assertThat(store.count(SurvivalStore.ENTRYPOINT)).isBetween(4_500, 4_900);
    assertThat(
            store.texts(
                "select (edited_date at time zone 'UTC')::date from \"iPhone\".iphone_listings"
                    + " group by 1 having (edited_date at time zone 'UTC')::date"
                    + " in ('2024-11-08', '2026-06-30') order by 1"))
        .hasSize(2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          image pipelines that finish days late   | "iPhone".iphone_image_pipeline p join "iPhone".iphone_listings l using (generation, listing_id) where p.damage_done_at - l.edited_date > interval '48 hours'
          pipelines that never finish             | "iPhone".iphone_image_pipeline where damage_done_at is null
          photos that come after the pipelines    | "iPhone".iphone_image_assets a join "iPhone".iphone_listings l using (generation, listing_id) where a.created_at - l.edited_date > interval '24 hours'
          listings without a photo                | "iPhone".iphone_listings l left join "iPhone".iphone_image_pipeline p using (generation, listing_id) where p.listing_id is null
          enrichments after T0 + 24 h             | "iPhone".iphone_ai_enrich e join "iPhone".iphone_listings l using (generation, listing_id) where e.updated_at - l.edited_date > interval '24 hours'
          enrichments exactly at T0 + 24 h        | "iPhone".iphone_ai_enrich e join "iPhone".iphone_listings l using (generation, listing_id) where e.updated_at - l.edited_date = interval '24 hours'
          two enrichments at the same moment      | (select 1 from "iPhone".iphone_ai_enrich group by generation, listing_id, updated_at having count(*) > 1) as x
          rows seconds from midnight UTC          | ml.survival_feature_store_t0_v1_v where (edited_date at time zone 'UTC')::time >= '23:59:59' or (edited_date at time zone 'UTC')::time <= '00:00:01'
          days that another TimeZone would move   | ml.survival_feature_store_t0_v1_v where (edited_date at time zone 'Asia/Tokyo')::date <> edited_day
          a listing_id in two generations         | (select 1 from "iPhone".iphone_listings group by listing_id having count(distinct generation) > 1) as x
          reserved and mixed-case columns         | ml.survival_feature_store_t0_v1_v where "user" > '' and "order" > 0 and "sellerRating" > 0 and "dev__Battery %" > 0 and "Free Shipping?"
          NaN in a feature                        | ml.survival_feature_store_t0_v1_v where "sellerRating" = 'NaN' and ai_confidence is not null
          NaN behind the gate                     | ml.survival_feature_store_t0_v1_v where img__sharpness = 'NaN'
          NULL in a feature                       | ml.survival_feature_store_t0_v1_v where storage_gb is null and "sellerRating" is null or city is null
          JSON with a null inside                 | ml.survival_feature_store_t0_v1_v where dev__meta -> 'Battery %' = 'null'
          arrays with a NULL and a quote inside   | ml.survival_feature_store_t0_v1_v where tags[2] is null and tags[3] like '%"%'
          empty arrays                            | ml.survival_feature_store_t0_v1_v where cardinality(tags) = 0
          numeric whose scale shows               | ml.survival_feature_store_t0_v1_v where price::text like '%.00'
          late sales                              | "iPhone".iphone_listings where sold_date - edited_date > interval '60 days'
          still open, censored                    | ml.tom_labels_v1_mv where not is_sold
          spam                                    | ml.tom_features_v1_enriched_mv where is_spam
          no price at all                         | "iPhone".iphone_listings where price is null
          prices backfilled with care             | ml.survival_feature_store_t0_v1_v e join "iPhone".iphone_listings l using (generation, listing_id) where l.price_backfilled_at is not null and e.price <> l.price
          not for sale, as known at the time      | ml.tom_features_v1_enriched_speed_t0_v1_mv f left join ml.tom_features_v1_enriched_ai_clean_t0_v1_mv a using (listing_id) where a.listing_id is null
          not for sale, as known only later       | ml.survival_feature_store_t0_v1_v e join "iPhone".iphone_ai_enrich x using (generation, listing_id) where x.sale_mode = 'not_sold'
          geography from the postal code          | ml.survival_feature_store_t0_v1_v where super_metro = 'north' and postal_code like 'N-%'
          geography from the city alone           | ml.survival_feature_store_t0_v1_v where postal_code is null and super_metro <> 'elsewhere' and city = 'TROMSØ'
          every ptv bucket                        | (select 1 from ml.tom_speed_anchor_asof_v1_mv having count(distinct ptv_bucket) = 7) as x
          """)
  void contains(String what, String from) throws SQLException {
    assertThat(store.count(from)).as(what).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"30", "90", "180", "365", "540"})
  void hasRowsOnEveryBaselineDay(int daysBack) throws SQLException {
    assertThat(
            store.count(
                SurvivalStore.ENTRYPOINT
                    + " where edited_day = (select max(edited_day) from "
                    + SurvivalStore.ENTRYPOINT
                    + ") - "
                    + daysBack))
        .isPositive();
  }

  @Test
  void hasOneRowAKey() throws SQLException {
    assertThat(
            store.count(
                "(select 1 from "
                    + SurvivalStore.ENTRYPOINT
                    + " group by generation, listing_id having count(*) > 1) as x"))
        .isZero();
  }

  @Test
  void showsNothingOfLateImages() throws SQLException {
    List<String> columns =
        store.texts(
            "select quote_ident(attname) from pg_attribute where attrelid = '"
                + SurvivalStore.ENTRYPOINT
                + "'::regclass and (starts_with(attname, 'img__') or starts_with(attname, 'dmg__'))");
    assertThat(columns).hasSize(12);
    for (String column : columns) {
      String rows = SurvivalStore.ENTRYPOINT + " where " + column + " is not null and ";
      assertThat(store.count(rows + "not img_within_sla")).as(column).isZero();
      assertThat(store.count(rows + "img_within_sla")).as(column).isPositive();
    }
  }

  @Test
  void keepsTheEmbargo() throws SQLException {
    assertThat(store.count("ml.tom_speed_anchor_asof_v1_mv")).isGreaterThan(10_000);
    assertThat(
            store.count(
                "ml.tom_speed_anchor_asof_v1_mv where max_sold_day_used >= anchor_day"
                    + " or min_sold_day_used < anchor_day - 90 or speed_n_eff_ptv > speed_n_ptv"))
        .isZero();
  }

  @Test
  void weighsSalesByTheirAge() throws SQLException {
    // The rule once more, in floating point, and without the index, the integers and the window.
    assertThat(
            store.count(
                """
                ml.tom_speed_anchor_asof_v1_mv as a
                join lateral (
                  select sum(w * (duration_hours <= 24)::int) / sum(w) as fast24,
                         sum(w * (duration_hours <= 168)::int) / sum(w) as fast7,
                         sum(w * (duration_hours > 21 * 24)::int) / sum(w) as slow21,
                         sum(w) ^ 2 / sum(w ^ 2) as n_eff
                  from (select s.duration_hours, 0.5 ^ ((a.anchor_day - s.sold_day) / 90.0::float8) as w
                        from ml.sold_durations_v1_mv s
                        where s.generation = a.generation and s.sbucket = a.sbucket and s.ptv_bucket = a.ptv_bucket
                          and s.sold_day between a.anchor_day - 90 and a.anchor_day - 1) as x
                ) as b on true
                where a.anchor_day in ('2025-03-01', '2025-12-31', '2026-06-30')
                  and (abs(a.speed_fast24_anchor - fast24) > 0.00001 or abs(a.speed_fast7_anchor - fast7) > 0.00001
                       or abs(a.speed_slow21_anchor - slow21) > 0.00001 or abs(a.speed_n_eff_ptv - n_eff) > 0.001)
                """))
        .isZero();
  }

  @Test
  void takesTheNewestEnrichmentOfTheFirstDay() throws SQLException {
    assertThat(
            store.count(
                SurvivalStore.ENTRYPOINT
                    + " e where ai_updated_at - edited_date > interval '24 hours' or ai_version is distinct from"
                    + " (select version from \"iPhone\".iphone_ai_enrich x"
                    + " where x.generation = e.generation and x.listing_id = e.listing_id"
                    + " and x.updated_at - e.edited_date <= interval '24 hours'"
                    + " order by updated_at desc, version desc limit 1)"))
        .isZero();
  }

  @Test
  void hasTheLegacyObjectsAndTheirLooseRules() throws SQLException {
    for (String legacy :
        List.of(
            "ref.geo_mapping_current",
            "ml.geo_dim_super_metro_v4_current_v",
            "ml.tom_speed_anchor_v1_mv",
            "ml.tom_features_v1_enriched_speed_mv",
            "ml.tom_features_v1_enriched_ai_clean_mv",
            "ml.v_anchor_speed_train_base_rich_v1")) {
      assertThat(store.count(legacy)).as(legacy).isPositive();
    }
    assertThat(
            store.count(
                "ml.tom_features_v1_enriched_ai_clean_mv"
                    + " where ai_updated_at - edited_date > interval '24 hours'"))
        .isPositive();
  }

  @Test
  void letsTrainingReadNothingButTheGuardedView() throws SQLException {
    assertThat(
            store.count(
                "pg_class c join pg_namespace n on n.oid = c.relnamespace"
                    + " where nspname in ('ml', 'ref', 'iPhone')"
                    + " and has_table_privilege('ml_training', c.oid, 'SELECT')"))
        .isZero();
    assertThat(
            store.text(
                "select has_table_privilege('ml_label_reader', 'ml.tom_labels_v1_mv', 'SELECT')"))
        .isEqualTo("t");
  }
}
