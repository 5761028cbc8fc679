package io.guardedjdbc.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The corpus against its oracle, a real server: it refuses a role without permission exactly the
 * statements that read the guarded view.
 */
class CorpusOnServerTest {
  private static CorpusServer server;

  static Stream<Corpus.Line> lines() {
    return Corpus.lines().filter(Corpus.Line::triedOnServer);
  }

  @BeforeAll
  static void open() {
    server = CorpusServer.open();
  }

  @AfterAll
  static void close() throws SQLException {
    server.close();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void serverAgrees(Corpus.Line line) {
    String answer = server.answer(line.sql());
    if (line.claim() == 'R' || line.claim() == 'L') {
      assertThat(answer).contains("permission denied for view guarded_");
    } else {
      assertThat(answer).isEmpty();
    }
  }
}
