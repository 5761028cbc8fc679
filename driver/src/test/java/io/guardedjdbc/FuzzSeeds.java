package io.guardedjdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardedjdbc.analysis.MutatedCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What fuzzing starts from: the statements of the corpus, and the forms of a URL. */
public final class FuzzSeeds {
  private static final List<String> URLS =
      List.of(
          "//localhost:5432/db?user=a&password=b%20c&guard.mode=observe",
          "//[::1]:5432/db?ssl=true",
          "//a:1,b:2/?targetServerType=any&&guard.lease=5s&",
          "db",
          "/db",
          "//host",
          "?service=x&guard.maxAge=24h",
          "//,/d?a=b",
          "//h/d?guard.%6dode=enforce&GUARD.MODE=observe&a",
          "//h/d?=&guard.=1&%=%zz&guard.%zz=1");

  private FuzzSeeds() {}

  /** Seeds of the lexer and of analysis: a byte for the setting, then the text. */
  static Stream<byte[]> sql() {
    return MutatedCorpus.lines()
        .flatMap(sql -> Stream.of(("0" + sql).getBytes(UTF_8), ("1" + sql).getBytes(UTF_8)));
  }

  static Stream<byte[]> urls() {
    return URLS.stream().map(url -> url.getBytes(UTF_8));
  }

  /** Writes them as files into folders of this one, as a fuzzer wants them. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    write(folder.resolve("sql"), sql().toList());
    write(folder.resolve("url"), urls().toList());
  }

  private static void write(Path folder, List<byte[]> seeds) throws IOException {
    Files.createDirectories(folder);
    for (int i : IntStream.range(0, seeds.size()).toArray()) {
      Files.write(folder.resolve("seed" + i), seeds.get(i));
    }
  }
}
