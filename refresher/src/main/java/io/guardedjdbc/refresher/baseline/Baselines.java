package io.guardedjdbc.refresher.baseline;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Proposes and approves the reviewed references of a store. Blocks while the server computes. */
public final class Baselines {
  private final Session session;

  /** Works on this session, whose settings must be pinned to the store's. */
  public Baselines(Session session) {
    this.session = session;
  }

  /** Computes what would become the new references, from one snapshot. */
  public List<Proposal> propose(String store) throws SQLException {
    session.begin();
    try {
      List<Proposal> proposals =
          session.list(
              "SELECT baseline_id, kind, objects_or_days, changed, message FROM audit.propose_baseline(?)",
              row ->
                  new Proposal(
                      row.getLong(1),
                      row.getString(2),
                      row.getInt(3),
                      row.getInt(4),
                      Optional.ofNullable(row.getString(5)).orElse(""),
                      List.of()),
              store);
      session.commit();
      return withDifferences(proposals);
    } finally {
      session.rollback();
    }
  }

  private List<Proposal> withDifferences(List<Proposal> proposals) throws SQLException {
    List<Proposal> complete = new ArrayList<>();
    for (Proposal proposal : proposals) {
      complete.add(
          new Proposal(
              proposal.id(),
              proposal.kind(),
              proposal.size(),
              proposal.changed(),
              proposal.message(),
              differences(proposal.id())));
    }
    return complete;
  }

  /** How a proposal differs from what is approved. */
  public List<Difference> differences(long baseline) throws SQLException {
    return session.list(
        "SELECT object, change, detail FROM audit.baseline_diff(?)",
        row -> new Difference(row.getString(1), row.getString(2), Session.texts(row.getArray(3))),
        baseline);
  }

  /**
   * Makes a proposal the reference; the one before is kept.
   *
   * @param gitCommit of the change that was reviewed, if any
   */
  public void approve(long baseline, String reviewer, String reason, Optional<String> gitCommit)
      throws SQLException {
    session.run(
        "SELECT audit.approve_baseline(?, ?, ?, ?)",
        baseline,
        reviewer,
        reason,
        gitCommit.orElse(null));
  }

  /** The store of a proposal; empty when there is no such proposal. */
  public Optional<String> storeOf(long baseline) throws SQLException {
    return session.text("SELECT store FROM audit.baseline WHERE baseline_id = ?", baseline);
  }
}
