package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.gate.ConfiguredGate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run of a store does, in order, and for whom. Read from the catalog; nothing is changed.
 *
 * @param upstream other stores that this one reads: each needs a certificate of its own
 * @param touched other stores that the run acts for, too
 * @param voided certificates that no store speaks for, which the run takes away
 * @param closed entrypoints of this store and the touched ones that have no certificate now: an
 *     atomic run waits before its commit until no lease is left on them
 */
public record Plan(
    StorePolicy policy,
    List<PlanStep> steps,
    List<ConfiguredGate> gates,
    List<Upstream> upstream,
    List<Touched> touched,
    List<VoidedCertificate> voided,
    List<String> closed) {
  /** Copies the lists. */
  public Plan {
    steps = List.copyOf(steps);
    gates = List.copyOf(gates);
    upstream = List.copyOf(upstream);
    touched = List.copyOf(touched);
    voided = List.copyOf(voided);
    closed = List.copyOf(closed);
  }

  /** The plan of a store. */
  public static Plan of(Session session, StorePolicy policy) throws SQLException {
    List<PlanStep> steps =
        session.list(
            "SELECT o.step, o.kind, o.object, o.depends_on, o.concurrently_possible, o.reason, o.sql"
                + " FROM audit.refresh_order(?) o ORDER BY o.step",
            Plan::step,
            policy.store());
    List<Touched> touched =
        session.list(
            "SELECT store, entrypoint, objects FROM audit.touched_entrypoints(?) ORDER BY store",
            row ->
                new Touched(
                    row.getString(1), row.getString(2), Session.texts(row.getArray("objects"))),
            policy.store());
    return new Plan(
        policy,
        steps.stream().map(step -> step.withDirectOnly(steps)).toList(),
        ConfiguredGate.of(session, policy.store()),
        Upstream.of(session, policy.store()),
        touched,
        VoidedCertificate.of(session, policy.store()),
        closed(session, policy, touched));
  }

  private static List<String> closed(Session session, StorePolicy policy, List<Touched> touched)
      throws SQLException {
    Object entrypoints =
        Stream.concat(Stream.of(policy.entrypoint()), touched.stream().map(Touched::entrypoint))
            .toArray(String[]::new);
    return session.list(
        "SELECT e FROM unnest(?::text[]) e WHERE NOT EXISTS (SELECT FROM audit.t0_cert_registry r"
            + " WHERE r.entrypoint = e AND upper(r.status) = 'CERTIFIED') ORDER BY e",
        row -> row.getString(1),
        entrypoints);
  }

  /** The materialized views that are refreshed. */
  public List<String> views() {
    return steps.stream()
        .filter(step -> step.kind() == PlanStep.Kind.REFRESH)
        .map(PlanStep::object)
        .toList();
  }

  /** The steps that can't be done inside an atomic run. */
  public List<PlanStep> notAtomic() {
    return steps.stream().filter(step -> !step.concurrently()).toList();
  }

  /** The store and every other one that the run acts for, by name: the global order of locks. */
  public List<String> stores() {
    return Stream.concat(Stream.of(policy.store()), touched.stream().map(Touched::store))
        .sorted()
        .distinct()
        .toList();
  }

  private static PlanStep step(ResultSet row) throws SQLException {
    boolean sql = row.getString("kind").equals("sql");
    return new PlanStep(
        row.getInt("step"),
        sql ? PlanStep.Kind.SQL : PlanStep.Kind.REFRESH,
        row.getString("object"),
        Session.texts(row.getArray("depends_on")),
        row.getBoolean("concurrently_possible"),
        Optional.ofNullable(row.getString("reason")),
        Optional.ofNullable(row.getString("sql")));
  }
}
