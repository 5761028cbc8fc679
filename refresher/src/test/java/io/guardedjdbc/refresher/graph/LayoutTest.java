package io.guardedjdbc.refresher.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.graph.GraphNode.Kind;
import io.guardedjdbc.refresher.graph.GraphNode.Mark;
import io.guardedjdbc.refresher.report.StoreStatus;
import io.guardedjdbc.refresher.testing.WrittenPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 30, 80})
  void boxesNeverOverlapAndEveryArrowPointsToTheRight(int size) {
    for (int seed = 0; seed < 4; seed++) {
      ClosureGraph graph = random(size, new Random(seed));
      Layout layout = new Layout(graph);
      assertThat(layout.boxes).hasSize(size);
      assertThat(layout.arrows).hasSameSizeAs(graph.edges());
      for (Layout.Placed one : layout.boxes) {
        assertThat(one.y()).isGreaterThanOrEqualTo(0);
        assertThat(one.y() + one.box().height()).isLessThanOrEqualTo(layout.height);
        assertThat(one.x() + Box.WIDTH).isLessThanOrEqualTo(layout.width);
        for (Layout.Placed other : layout.boxes) {
          assertThat(one.equals(other) || apart(one, other)).isTrue();
        }
      }
      for (GraphEdge edge : graph.edges()) {
        assertThat(x(layout, edge.from())).isLessThan(x(layout, edge.to()));
      }
    }
  }

  @Test
  void aCycleOfFunctionsIsDrawnToo() {
    ClosureGraph graph =
        graph(
            List.of("s.v", "s.f(int)", "s.g(int)"),
            List.of(
                new GraphEdge("s.v", "s.f(int)", Mark.NONE),
                new GraphEdge("s.f(int)", "s.g(int)", Mark.NONE),
                new GraphEdge("s.g(int)", "s.f(int)", Mark.NONE)));
    assertThat(new Layout(graph).arrows).hasSize(3).allMatch(arrow -> arrow.path().contains("C"));
    WrittenPage.of(GraphSvg.file(graph));
  }

  @Test
  void longNamesAreBrokenAtUnderscoresAndNeverWiderThanTheBox() {
    String name = "a_name_that_is_as_long_as_postgresql_lets_names_be_which_is_63_b";
    assertThat(NameLines.of(name, 27))
        .allMatch(line -> line.length() <= 27)
        .satisfies(lines -> assertThat(String.join("", lines)).isEqualTo(name));
    assertThat(NameLines.of("x".repeat(500), 27)).hasSize(4).allMatch(line -> line.length() <= 27);
    assertThat(NameLines.schema("\"a.b\".c")).isEqualTo("\"a.b\"");
    assertThat(NameLines.schema("f(s.t)")).isEmpty();
    assertThat(NameLines.local("ref.norm_city(text)")).isEqualTo("norm_city(text)");
  }

  @Test
  void thingsStandWhereTheyWishUnlessTheyWouldTouch() {
    assertThat(Spacing.place(new double[] {0, 100}, new double[] {10, 10}, 5))
        .containsExactly(0, 100);
    assertThat(Spacing.place(new double[] {50, 50}, new double[] {10, 10}, 10))
        .containsExactly(40, 60);
    assertThat(Spacing.place(new double[] {9, 5, 1}, new double[] {2, 2, 2}, 0))
        .containsExactly(3, 5, 7);
  }

  private static boolean apart(Layout.Placed one, Layout.Placed other) {
    return one.x() != other.x()
        || one.y() + one.box().height() <= other.y()
        || other.y() + other.box().height() <= one.y();
  }

  private static double x(Layout layout, String node) {
    return layout.boxes.stream()
        .filter(placed -> placed.box().node().name().equals(node))
        .findFirst()
        .orElseThrow()
        .x();
  }

  private static ClosureGraph random(int size, Random random) {
    List<String> names = new ArrayList<>();
    List<GraphEdge> edges = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      names.add("s.n" + i + "_" + "x".repeat(random.nextInt(50)));
      for (int parent = 0; parent < i; parent++) {
        if (parent == i - 1 - random.nextInt(i) || random.nextInt(8) == 0) {
          edges.add(new GraphEdge(names.get(parent), names.get(i), Mark.NONE));
        }
      }
    }
    return graph(names, edges);
  }

  private static ClosureGraph graph(List<String> names, List<GraphEdge> edges) {
    List<GraphNode> nodes =
        names.stream()
            .map(
                name ->
                    new GraphNode(name, Kind.VIEW, false, Optional.empty(), Mark.NONE, List.of()))
            .toList();
    return new ClosureGraph(status(names.get(0)), Optional.empty(), nodes, edges);
  }

  private static StoreStatus status(String entrypoint) {
    return new StoreStatus(
        "s",
        entrypoint,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofHours(24),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }
}
