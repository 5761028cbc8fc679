package io.guardedjdbc.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardedjdbc.analysis.Analyzer;
import io.guardedjdbc.analysis.CorpusServer;
import io.guardedjdbc.analysis.MutatedCorpus;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementFacts;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * What a server refuses for reading a guarded view, the guard map has matched: the server is the
 * oracle, as {@link CorpusServer} sets it up. Called by a fuzzer (profile {@code fuzz}).
 */
public final class ServerFuzz {
  private static final CorpusServer SERVER = CorpusServer.open();
  private static final GuardMap MAP = map();

  private ServerFuzz() {}

  private static GuardMap map() {
    GuardMapOptions options =
        new GuardMapOptions(
            GuardMapOptions.DEFAULT.registry(),
            List.of("ml.guarded_rel", "ml.guarded_one"),
            List.of(),
            null);
    try {
      GuardMapLoad load = GuardMapLoader.load(SERVER.connection(), options, 1);
      SERVER.connection().rollback();
      return ((GuardMapLoad.Loaded) load).map();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One input: its first byte says whether the rest is a text or chooses among the corpus. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    check((input[0] & 1) == 0 ? MutatedCorpus.text(rest) : new String(rest, UTF_8));
  }

  /**
   * Asks the server about a text that the map has not matched.
   *
   * @throws AssertionError where the server says that it reads a guarded view
   */
  static void check(String sql) {
    SqlFacts facts = Analyzer.analyze(sql, true);
    if (!facts.unlexable()
        && facts.parts().stream().noneMatch(ServerFuzz::isNotJudged)
        && !MAP.match(facts).guarded()
        && SERVER.refuses(sql)) {
      throw new AssertionError("read unseen: " + sql);
    }
  }

  /**
   * What would outlive the text, what the session remembers apart from the map, and what needs the
   * permission without reading.
   */
  private static boolean isNotJudged(StatementFacts part) {
    return switch (part.kind()) {
      case TRANSACTION, PREPARE, EXECUTE, FETCH -> true;
      default ->
          part.kind().passes() && (part.mentions("guarded_rel") || part.mentions("guarded_one"));
    };
  }
}
