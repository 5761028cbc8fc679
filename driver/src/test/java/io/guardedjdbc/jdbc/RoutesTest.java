package io.guardedjdbc.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route against a real server: it leaks by pgjdbc, and not through the facades. */
@Tag("postgres14")
class RoutesTest {
  private static String database = "";

  @BeforeAll
  static void fill() throws SQLException {
    database = Session.database();
  }

  static List<Route> routes() {
    return Routes.all();
  }

  @ParameterizedTest
  @MethodSource("routes")
  void leaksThroughPlainPgjdbc(Route route) throws Exception {
    try (Connection connection = Postgres.shared().connect(database)) {
      assertThat(route.read().from(connection).toString()).contains("LEAK");
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void readsThroughTheFacadeWhenReleased(Route route) throws Exception {
    try (Connection connection = guarded(FakeGuard.Answer.RELEASE)) {
      if (route.structural()) {
        assertRefused(route, connection);
      } else {
        assertThat(route.read().from(connection).toString()).contains("LEAK");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void isRefusedBeforeAnythingIsSent(Route route) throws Exception {
    try (Connection connection = guarded(FakeGuard.Answer.REFUSE_BEFORE)) {
      assertRefused(route, connection);
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void isRefusedWhenTheValidationFails(Route route) throws Exception {
    try (Connection connection = guarded(FakeGuard.Answer.REFUSE_AFTER)) {
      assertRefused(route, connection);
    }
  }

  private static void assertRefused(Route route, Connection connection) {
    assertThatThrownBy(() -> route.read().from(connection))
        .isInstanceOf(GuardRefusal.class)
        .message()
        .doesNotContain("LEAK");
  }

  private static Connection guarded(FakeGuard.Answer answer) throws SQLException {
    FakeGuard guard = Session.fake();
    guard.answer = answer;
    return GuardedConnections.wrap(Postgres.shared().connect(database), guard);
  }
}
