package io.guardedjdbc.analysis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The statements of {@code corpus.txt}, which explains their form. */
final class Corpus {
  /** What the statements name. */
  static final String OBJECTS =
      """
      CREATE SCHEMA ml;
      CREATE SCHEMA other;
      CREATE TABLE base (a int);
      CREATE TABLE t (a int, b int, guarded_rel int, guarded_rel_x int);
      CREATE TABLE u (a int UNIQUE);
      CREATE VIEW ml.guarded_rel AS SELECT a FROM base;
      CREATE VIEW ml.guarded_one AS SELECT a FROM base;
      CREATE VIEW ml."select" AS SELECT 1 AS one;
      CREATE VIEW ml."order" AS SELECT 1 AS two;
      CREATE VIEW ml.table_like AS SELECT 1 AS three;
      CREATE VIEW ml."Guarded_Rel" AS SELECT 1 AS a;
      CREATE VIEW ml."GUARDED_REL" AS SELECT 1 AS a;
      CREATE TABLE other.guarded_rel (a int);
      CREATE SCHEMA guarded_rel;
      CREATE TABLE guarded_rel.x (a int);
      CREATE TABLE trim (a int);
      CREATE TABLE extract (a int);
      CREATE FUNCTION ml.guarded_rel(int) RETURNS int LANGUAGE sql RETURN $1;
      """;

  private Corpus() {}

  /** One statement and what is claimed of it. */
  record Line(int number, char code, String kinds, String sql) {
    boolean triedOnServer() {
      return Character.isUpperCase(code);
    }

    char claim() {
      return Character.toUpperCase(code);
    }

    @Override
    public String toString() {
      return "line " + number + ": " + sql;
    }
  }

  static Stream<Line> lines() {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String text : text().split("\n", -1)) {
      number++;
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int bar = text.indexOf(" | ");
      String sql = text.substring(bar + 3).replace('¶', '\n').replace('→', '\t');
      lines.add(new Line(number, text.charAt(0), text.substring(2, bar), sql));
    }
    return lines.stream();
  }

  private static String text() {
    try (InputStream in = Corpus.class.getResourceAsStream("corpus.txt")) {
      if (in == null) {
        throw new IllegalStateException("corpus.txt is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
