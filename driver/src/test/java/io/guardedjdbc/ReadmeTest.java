package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.error.GuardState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of the README are those of the enums, line by line. */
class ReadmeTest {
  @Test
  void listsEveryPropertyWithItsDefaultAndMeaning() throws IOException {
    List<String> rows = rows("| `guard.");
    assertThat(rows).hasSameSizeAs(GuardProperty.values());
    for (GuardProperty property : GuardProperty.values()) {
      String given = property.defaultValue();
      assertThat(rows)
          .contains(
              "| `"
                  + property.key()
                  + "` | "
                  + (given == null ? "" : "`" + given + "` ")
                  + "| "
                  + property.description()
                  + " |");
    }
  }

  @Test
  void listsEveryStateAndWhetherItIsRetryable() throws IOException {
    List<String> rows = rows("| `RG");
    assertThat(rows).hasSameSizeAs(GuardState.values());
    for (GuardState state : GuardState.values()) {
      assertThat(rows)
          .anySatisfy(
              row ->
                  assertThat(row)
                      .startsWith("| `" + state.sqlState() + "` |")
                      .endsWith(state.retryable() ? "| yes |" : "| no |"));
    }
  }

  private static List<String> rows(String prefix) throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .filter(line -> line.startsWith(prefix))
        .toList();
  }
}
