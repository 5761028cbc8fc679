package io.guardedjdbc.examples.survival;

import java.time.LocalDate;

/**
 * How much the generator makes. The same size makes the same rows, on every server, always.
 *
 * @param listings different listing ids; 1 to 10,000,000
 * @param days over how many days, of UTC, their T0 are spread; 1 to 10,000. Below 541, some
 *     baseline days don't exist
 * @param lastDay the last of these days
 */
public record SurvivalSize(int listings, int days, LocalDate lastDay) {
  /** 5,000 listings over 600 days, to 30 June 2026: a second or two. */
  public static final SurvivalSize DEFAULT = of(5_000);

  /** Refuses sizes out of range. */
  public SurvivalSize {
    requireWithin("listings", listings, 10_000_000);
    requireWithin("days", days, 10_000);
  }

  /** So many listings, over 600 days, to 30 June 2026. */
  public static SurvivalSize of(int listings) {
    return new SurvivalSize(listings, 600, LocalDate.of(2026, 6, 30));
  }

  private static void requireWithin(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(name + " must be 1 to " + most + ", not " + value);
    }
  }
}
