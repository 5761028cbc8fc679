package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.graph.ClosureGraph;
import io.guardedjdbc.refresher.graph.GraphPage;
import io.guardedjdbc.refresher.graph.GraphSvg;
import io.guardedjdbc.refresher.graph.GraphText;
import io.guardedjdbc.refresher.page.OutputFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A store's closure, and what the last run found in it. */
@Command(
    name = "graph",
    description = {
      "Shows what a store's entrypoint reaches, and where what the last run found sits.",
      "Without a file: as a tree on the terminal."
    })
final class GraphCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store that the database knows, or its file.")
  private String store = "";

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page: boxes and arrows, findings, a table. One file, no script.")
  private @Nullable String html;

  @Option(names = "--svg", paramLabel = "FILE", description = "Write the picture alone.")
  private @Nullable String svg;

  GraphCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    Map<Path, Supplier<String>> files = new LinkedHashMap<>();
    List<ClosureGraph> loaded = new ArrayList<>();
    if (html != null) {
      files.put(OutputFile.of("--html", html), () -> GraphPage.of(loaded.get(0), madeBy()));
    }
    if (svg != null) {
      files.put(OutputFile.of("--svg", svg), () -> GraphSvg.file(loaded.get(0)));
    }
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      StorePolicy policy = argument.policy(session);
      ClosureGraph graph = ClosureGraph.of(session, policy);
      loaded.add(graph);
      document.putAll(graph.json());
      document.put("files", files.keySet().stream().map(Path::toString).toList());
      if (files.isEmpty()) {
        new GraphText(out(), surroundings.paint()).print(graph);
      }
    }
    files.forEach(
        (file, text) -> {
          OutputFile.write(file, text.get());
          out().println("wrote " + file);
        });
    return ExitCode.OK;
  }
}
