package io.guardedjdbc.analysis;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Statements of the corpus in other clothes: other blanks, comments, quotes and letters, alone or
 * inside another statement. The bytes of an input choose which, so that a fuzzer can steer.
 */
public final class MutatedCorpus {
  private static final List<Corpus.Line> LINES =
      Corpus.lines().filter(Corpus.Line::triedOnServer).toList();

  private static final String[] BLANKS = {
    " ", "\n", "\t ", "/**/", " /* ' */ ", "/* /* \" */ */", " -- ;'\n", "\r\f", "  "
  };

  /** Statements around a statement, which stands where {@code @} does. */
  private static final String[] FRAMES = {
    "@",
    "@",
    "@",
    "(@)",
    "@ ; select 1",
    "select 1; @",
    "select * from (@) s",
    "select * from t, lateral (@) as guarded_one",
    "with w as (@) select * from w",
    "with guarded_rel as (@) select * from guarded_rel",
    "with guarded_rel as materialized (select 1) @",
    "with recursive r as (select 1 x union all (@)) select * from r",
    "select exists (@)",
    "select array(@)",
    "select 1 where 1 in (@)",
    "select coalesce((@), (select 2))",
    "select 1 order by (@)",
    "select 1 limit (@)",
    "select count(*) filter (where exists (@)) from t",
    "select sum(1) over (partition by (@)) from t",
    "values ((@))",
    "explain @",
    "explain (analyze, costs off) @",
    "create temp table tt as @",
    "create temp view tv as @; select * from tv",
    "create function pg_temp.f() returns setof record language sql as $q$@$q$;"
        + " select pg_temp.f()",
    "do $q$begin perform * from (@) s; end$q$",
    "do $q$begin execute $z$@$z$; end$q$",
    "declare c cursor for @",
    "insert into u @",
    "update t set a = (@)",
    "delete from t where a = any (@)",
    "merge into t using (@) s (a) on t.a = s.a when matched then do nothing",
    "copy (@) to stdout",
    "(@) union all (select 1)",
    "select 1 union all (@)",
    "(@) intersect (@)",
    "table t; @"
  };

  private static final String[] INSERTED = {
    "only",
    "*",
    "as x",
    "x",
    "(",
    ")",
    ",",
    ".",
    ";",
    "::int",
    "from",
    "select",
    "table",
    "ml.",
    "guarded_rel",
    "guarded_one",
    "\"guarded_rel\"",
    "lateral",
    "union",
    "'",
    "$$",
    "natural join"
  };

  private final byte[] input;
  private int at;

  private MutatedCorpus(byte[] input) {
    this.input = input;
  }

  /** The corpus as it stands. */
  public static Stream<String> lines() {
    return Corpus.lines().map(Corpus.Line::sql);
  }

  /** The text that an input stands for. */
  public static String text(byte[] input) {
    return new MutatedCorpus(input).text();
  }

  private int next(int bound) {
    return at < input.length ? Math.floorMod(input[at++], bound) : 0;
  }

  private String text() {
    String sql = line();
    for (int frames = next(4); frames > 0; frames--) {
      String frame = FRAMES[next(FRAMES.length)];
      int place = frame.indexOf('@');
      int second = frame.indexOf('@', place + 1);
      String first = frame.substring(0, place) + sql;
      sql =
          second < 0
              ? first + frame.substring(place + 1)
              : first + frame.substring(place + 1, second) + line() + frame.substring(second + 1);
    }
    return dressed(sql);
  }

  private String line() {
    String sql = LINES.get((next(256) << 8 | next(256)) % LINES.size()).sql().strip();
    return sql.endsWith(";") ? sql.substring(0, sql.length() - 1) : sql;
  }

  private String dressed(String sql) {
    TokenList tokens;
    try {
      tokens = SqlLexer.lex(sql, true);
    } catch (UnlexableException e) {
      return sql;
    }
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (Token token : tokens) {
      String between = sql.substring(end, token.start());
      text.append(between.isEmpty() || next(3) > 0 ? between : BLANKS[next(BLANKS.length)]);
      if (at < input.length && next(24) == 1) {
        text.append(' ').append(INSERTED[next(INSERTED.length)]).append(' ');
      }
      text.append(spelled(sql.substring(token.start(), token.end()), token));
      end = token.end();
    }
    return text.append(sql.substring(end)).toString();
  }

  private String spelled(String text, Token token) {
    if (token.kind() != TokenKind.WORD) {
      return text;
    }
    return switch (next(8)) {
      case 1 -> text.toUpperCase(Locale.ROOT);
      case 2 -> '"' + token.value() + '"';
      case 3 -> encoded(token.value());
      default -> text;
    };
  }

  /** {@code U&"…"} with the first letter as its number. */
  private static String encoded(String name) {
    int first = name.codePointAt(0);
    String rest = name.substring(Character.charCount(first));
    return String.format(Locale.ROOT, "U&\"\\+%06x%s\"", first, rest);
  }
}
