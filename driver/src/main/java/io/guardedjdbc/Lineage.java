package io.guardedjdbc;

import java.util.List;

/**
 * Which certificates covered a read: by {@code unwrap(Lineage.class)} on a connection (its last
 * release), a statement or a result set. Immutable.
 *
 * @param certificates one text an entrypoint, sorted: {@code ml.store_v=41}, or {@code
 *     ml.store_v=41..43} where the rows lie between two certificates of one chain; empty: nothing
 *     guarded was read
 * @param leased whether the release was decided on a lease, not on a look after the result
 * @param refusal why it would have been refused, under {@code guard.mode=observe} alone; empty: it
 *     is covered
 */
public record Lineage(List<String> certificates, boolean leased, String refusal) {
  /** Nothing guarded was read. */
  public static final Lineage NONE = new Lineage(List.of(), false);

  /** Copies the list. */
  public Lineage {
    certificates = List.copyOf(certificates);
  }

  /** Covered by these. */
  public Lineage(List<String> certificates, boolean leased) {
    this(certificates, leased, "");
  }

  /** Covered by nothing: it went out because the guard only observes. */
  public static Lineage refused(String refusal) {
    return new Lineage(List.of(), false, refusal);
  }

  /** Whether it names a certificate of this entrypoint. */
  public boolean covers(String entrypoint) {
    return certificates.stream()
        .anyMatch(one -> one.substring(0, one.lastIndexOf('=')).equals(entrypoint));
  }

  /** All in one line, as {@code Connection.getClientInfo("guard.certificates")} gives it. */
  public String text() {
    return certificates.isEmpty()
        ? refusal
        : String.join(", ", certificates) + (leased ? " (leased)" : "");
  }

  @Override
  public String toString() {
    return text();
  }
}
