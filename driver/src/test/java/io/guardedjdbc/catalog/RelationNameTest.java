package io.guardedjdbc.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelationNameTest {
  @Test
  void readsWhatFormatWrites() {
    assertThat(RelationName.parse("ml.store")).isEqualTo(new RelationName("ml", "store"));
    assertThat(RelationName.parse("\"iPhone\".\"a.\"\"b\""))
        .isEqualTo(new RelationName("iPhone", "a.\"b"));
    assertThat(RelationName.parse("store")).isEqualTo(new RelationName(null, "store"));
  }

  @Test
  void foldsUnquotedAsciiOnly() {
    assertThat(RelationName.parse("ML.StÖRE")).isEqualTo(new RelationName("ml", "stÖre"));
  }

  @Test
  void takesTheLastTwoOfThreeParts() {
    assertThat(RelationName.parse("db.ml.store")).isEqualTo(new RelationName("ml", "store"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ml.", ".store", "\"ml", "\"ml\"x.store", "\"\".a"})
  void refusesWhatIsNoName(String text) {
    assertThatThrownBy(() -> RelationName.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsForPeopleAndForSql() {
    RelationName name = new RelationName("ml", "Order\"s");
    assertThat(name).hasToString("ml.\"Order\"\"s\"");
    assertThat(name.quoted()).isEqualTo("\"ml\".\"Order\"\"s\"");
  }
}
