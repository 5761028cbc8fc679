package io.guardedjdbc.refresher.graph;

import java.util.Arrays;

/**
 * Puts things in a row where they would like to be, as near as the room that each needs allows:
 * least squares under distances, by pooling neighbours that violate them.
 */
final class Spacing {
  private Spacing() {}

  /**
   * Where they stand.
   *
   * @param wishes the middle that each would like to have, in the order of the row
   * @param sizes how much room each takes
   * @param gap between two of them
   */
  static double[] place(double[] wishes, double[] sizes, double gap) {
    int count = wishes.length;
    double[] offset = new double[count];
    for (int i = 1; i < count; i++) {
      offset[i] = offset[i - 1] + (sizes[i - 1] + sizes[i]) / 2 + gap;
    }
    double[] mean = new double[count];
    int[] members = new int[count];
    int pools = 0;
    for (int i = 0; i < count; i++) {
      mean[pools] = wishes[i] - offset[i];
      members[pools++] = 1;
      while (pools > 1 && mean[pools - 2] >= mean[pools - 1]) {
        pools--;
        int together = members[pools - 1] + members[pools];
        mean[pools - 1] =
            (mean[pools - 1] * members[pools - 1] + mean[pools] * members[pools]) / together;
        members[pools - 1] = together;
      }
    }
    double[] places = new double[count];
    for (int pool = 0, i = 0; pool < pools; pool++) {
      Arrays.fill(places, i, i + members[pool], mean[pool]);
      i += members[pool];
    }
    for (int i = 0; i < count; i++) {
      places[i] += offset[i];
    }
    return places;
  }
}
