package io.guardedjdbc.examples.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.config.RelationRule;
import io.guardedjdbc.refresher.config.StoreConfig;
import io.guardedjdbc.refresher.config.StoreFile;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SurvivalConfigurationTest {
  private static final StoreConfig CONFIG =
      StoreFile.parse("survival.yaml", SurvivalStore.configuration());

  @Test
  void namesOnlyRelationsThatExist() throws SQLException {
    try (StoreDatabase store = new StoreDatabase(SurvivalSize.of(100))) {
      for (String name :
          Stream.concat(CONFIG.forbidden().stream(), CONFIG.refused().stream())
              .map(RelationRule::pattern)
              .toList()) {
        assertThat(store.text("select to_regclass('" + name + "') is not null"))
            .as(name)
            .isEqualTo("t");
      }
    }
  }

  @Test
  void forbidsLabelsInTheClosureButDoesNotRefuseThem() {
    assertThat(CONFIG.entrypoint()).isEqualTo(SurvivalStore.ENTRYPOINT);
    assertThat(CONFIG.forbidden()).extracting("pattern").contains("ml.tom_labels_v1_mv");
    assertThat(CONFIG.refused()).extracting("pattern").doesNotContain("ml.tom_labels_v1_mv");
    assertThat(CONFIG.forbidden()).containsAll(CONFIG.refused());
  }
}
