package io.guardedjdbc.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Takes the figures of the refresher into {@code target/figures.md}: at full size with the profile
 * figures, else at a size that only shows that they can be taken.
 */
class RefresherFiguresTest {
  private static final boolean WHOLE = Boolean.getBoolean("guarded.figures");

  @Test
  void areTaken() throws Exception {
    int listings = WHOLE ? 100_000 : 600;
    int rounds = WHOLE ? 5 : 1;
    Figures figures =
        new Figures(
            String.format(
                Locale.ROOT,
                "%,d listings, PostgreSQL 18, %d processors, load %.1f at the begin.",
                listings,
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    try (FigureServer server = new FigureServer()) {
      FigureStore store = new FigureStore(server, listings);
      new PublishFigures(store, rounds).measure(figures);
      new ReaderFigures(server, store).measure(figures, WHOLE ? 5_000 : 500);
      HashFigures hash = new HashFigures(server, store);
      hash.speed(figures, rounds);
      hash.memory(figures, WHOLE ? List.of(100_000, 1_000_000) : List.of(1_000));
      new PlanFigures(store).measure(figures, WHOLE ? 10_000 : 100, rounds);
    }
    figures.write(Path.of("target", "figures.md"));
    assertThat(figures.lines()).hasSizeGreaterThan(12).noneMatch(line -> line.contains("NaN"));
  }
}
