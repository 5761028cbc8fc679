package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.gate.RecordedFindings;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an entrypoint reaches, and what the last run that judged it found in it.
 *
 * @param nodes the entrypoint first, then by depth
 * @param edges from who reads to what is read
 */
public record ClosureGraph(
    StoreStatus status,
    Optional<RecordedFindings> run,
    List<GraphNode> nodes,
    List<GraphEdge> edges) {
  private static final String NODES =
      "SELECT c.object, c.kind, c.live, p.store FROM audit.closure(?) c"
          + " LEFT JOIN audit.entrypoint_policy p ON p.entrypoint = c.object AND c.depth > 0"
          + " ORDER BY c.depth, c.object";

  /** Operators, types and the like are no nodes: who goes through them reads what lies behind. */
  private static final String EDGES =
      "WITH RECURSIVE node AS MATERIALIZED (SELECT c.object, c.oid AS o,"
          + " CASE c.kind WHEN 'function' THEN 'pg_catalog.pg_proc'::regclass::oid ELSE 'pg_catalog.pg_class'::regclass::oid END AS c"
          + " FROM audit.closure(?) c),"
          + " hop (reader, c, o) AS (SELECT n.object, f.classid, f.objid FROM node n, LATERAL audit.references_of(n.c, n.o, false) f"
          + " UNION SELECT h.reader, f.classid, f.objid FROM hop h, LATERAL audit.references_of(h.c, h.o, false) f"
          + " WHERE h.c NOT IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass))"
          + " SELECT DISTINCT h.reader, n.object FROM hop h JOIN node n ON n.c = h.c AND n.o = h.o"
          + " WHERE n.object <> h.reader ORDER BY 1, 2";

  /** A table and the step that fills it, and the step and what that reads. */
  private static final String STEPS =
      "WITH node AS MATERIALIZED (SELECT c.object, c.oid, c.kind FROM audit.closure(?) c),"
          + " step AS (SELECT DISTINCT s.name, s.reads, s.sql, n.object FROM node n, LATERAL audit.steps_on(n.oid) s WHERE n.kind IN ('r', 'p'))"
          + " SELECT s.object, s.name, true FROM step s"
          + " UNION SELECT s.name, n.object, false FROM step s, LATERAL audit.step_references(s.reads, s.sql) f JOIN node n"
          + " ON n.oid = f.objid WHERE n.object NOT IN (SELECT w.object FROM step w WHERE w.name = s.name) ORDER BY 1, 2";

  /** Copies the lists. */
  public ClosureGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * The graph of a store.
   *
   * @throws Failure {@link ExitCode#USAGE} when its entrypoint does not exist
   */
  public static ClosureGraph of(Session session, StorePolicy policy) throws SQLException {
    String root = policy.entrypoint();
    FoundMarks marks = new FoundMarks(root);
    session.list(
        NODES,
        row ->
            marks.node(
                row.getString(1),
                GraphNode.Kind.of(row.getString(2)),
                row.getBoolean(3),
                Optional.ofNullable(row.getString(4))),
        root);
    if (marks.isEmpty()) {
      throw new Failure(
          ExitCode.USAGE,
          "The entrypoint "
              + root
              + " of store "
              + policy.store()
              + " does not exist. Create it again, or name another one in the store's file and run: refresher init");
    }
    session.list(EDGES, row -> marks.edge(row.getString(1), row.getString(2)), root);
    session.list(
        STEPS, row -> marks.step(row.getString(1), row.getString(2), row.getBoolean(3)), root);
    Optional<RecordedFindings> run = RecordedFindings.ofLastRun(session, policy.store());
    run.ifPresent(found -> found.findings().forEach(marks::mark));
    StoreStatus status =
        StoreStatus.all(session).stream()
            .filter(store -> store.entrypoint().equals(root))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no policy for " + root));
    return new ClosureGraph(status, run, marks.nodes(), marks.edges());
  }

  /** What the others hang on. */
  public GraphNode entrypoint() {
    return nodes.get(0);
  }

  /** The node of this name. */
  public Optional<GraphNode> node(String name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
  }

  /** What a node reads. */
  public List<GraphEdge> from(GraphNode node) {
    return edges.stream().filter(edge -> edge.from().equals(node.name())).toList();
  }

  /** One sentence for who does not see the picture. */
  public String sentence() {
    long failed = nodes.stream().filter(node -> node.mark() == GraphNode.Mark.FAILED).count();
    long warned = nodes.stream().filter(node -> node.mark() == GraphNode.Mark.WARNED).count();
    return entrypoint().name()
        + " reaches "
        + (nodes.size() - 1)
        + (nodes.size() == 2 ? " object" : " objects")
        + (run.isEmpty() ? "; it had no run yet" : "")
        + (failed > 0 ? "; gates failed at " + failed : "")
        + (warned > 0 ? "; gates warn at " + warned : "")
        + (run.isPresent() && failed + warned == 0 ? "; nothing was found" : "")
        + run.filter(found -> !found.isOwn())
            .map(found -> " in run " + found.runId() + " of store " + found.store())
            .orElse("");
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", status.store());
    json.put("entrypoint", status.entrypoint());
    json.put("verdict", status.verdictWord());
    json.put("run_id", run.map(RecordedFindings::runId).orElse(null));
    json.put("outcome", run.map(RecordedFindings::outcome).orElse(null));
    json.put("nodes", nodes.stream().map(GraphNode::json).toList());
    json.put("edges", edges.stream().map(GraphEdge::json).toList());
    return json;
  }
}
