package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import org.junit.jupiter.api.Test;

class PolicyRuleTest {
  private static boolean fits(String pattern, String schema, String name) {
    String spelling = new RelationName(schema, name).toString();
    CatalogNode node = new CatalogNode(Kind.RELATION, 1, schema, name, spelling);
    return new PolicyRule("demo", PolicyRule.REFUSED, pattern, null).fits(node);
  }

  @Test
  void aStarStandsForAnyText() {
    assertThat(fits("ml.*_mv", "ml", "features_mv")).isTrue();
    assertThat(fits("*.store", "ml", "store")).isTrue();
    assertThat(fits("ml.*", "other", "store")).isFalse();
  }

  @Test
  void everythingElseStandsForItself() {
    assertThat(fits("ml.a+*", "ml", "a+b")).isTrue();
    assertThat(fits("ml.a+*", "ml", "aab")).isFalse();
    assertThat(fits("ml.a_*", "ml", "axb")).isFalse();
    assertThat(fits("m.*", "m", "x")).isTrue();
    assertThat(fits("l.x*", "lax", "x")).isFalse();
  }

  @Test
  void quotedAndBareSpellingsFit() {
    assertThat(fits("\"iPhone\".raw", "iPhone", "raw")).isTrue();
    assertThat(fits("iPhone.raw", "iPhone", "raw")).isTrue();
  }
}
