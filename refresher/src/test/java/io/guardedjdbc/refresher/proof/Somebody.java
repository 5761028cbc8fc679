package io.guardedjdbc.refresher.proof;

import java.sql.SQLException;
import java.util.Random;

/** Somebody who is no refresher, and changes what readers read. */
final class Somebody {
  /** Is told of a change that no seal sees, right before it. */
  @FunctionalInterface
  interface Witness {
    void sees(long generation, long after);
  }

  private final ProofStore store;
  private final Witness witness;
  private final Random random;
  private final Tally tally;

  Somebody(ProofStore store, Witness witness, Random random, Tally tally) {
    this.store = store;
    this.witness = witness;
    this.random = random;
    this.tally = tally;
  }

  /** Where the seal sees it. */
  void changesSealed() throws SQLException {
    switch (random.nextInt(3)) {
      case 0 -> {
        tally.add(Tally.Of.SCENE, "SOMEBODY writes");
        store.sql("UPDATE proof.live SET generation = -nextval('proof.generation')");
      }
      case 1 -> {
        tally.add(Tally.Of.SCENE, "SOMEBODY refreshes");
        store.sql(
            "UPDATE proof.input SET generation = -n, good = true FROM nextval('proof.generation') n;"
                + " REFRESH MATERIALIZED VIEW proof.a_mv");
      }
      default -> {
        tally.add(Tally.Of.SCENE, "SOMEBODY redefines");
        redefine(ProofStore.TWO, nextGeneration());
      }
    }
    Moments.pause(random.nextInt(500));
  }

  /** Where none does: nothing can be promised before the next certification, all from then on. */
  void changesUnsealed() throws SQLException {
    long generation = nextGeneration();
    witness.sees(generation, Long.parseLong(store.lastCertificate(ProofStore.FOUR)));
    switch (random.nextInt(4)) {
      case 0 -> {
        tally.add(Tally.Of.SCENE, "UNSEALED written");
        store.sql("UPDATE proof.open_live SET generation = " + generation);
      }
      case 1 -> {
        tally.add(Tally.Of.SCENE, "UNSEALED redefined");
        redefine(ProofStore.FOUR, generation);
      }
      default -> {
        boolean plain = random.nextBoolean();
        tally.add(Tally.Of.SCENE, "UNSEALED refreshed" + (plain ? "" : " CONCURRENTLY"));
        store.sql(
            "UPDATE proof.input SET generation = "
                + generation
                + ", good = true; REFRESH MATERIALIZED VIEW "
                + (plain ? "" : "CONCURRENTLY ")
                + "proof.e_mv");
      }
    }
    Moments.pause(random.nextInt(500));
  }

  private long nextGeneration() throws SQLException {
    return -Long.parseLong(store.ask("SELECT nextval('proof.generation')"));
  }

  /** For a while; the definition is what it was afterwards. */
  private void redefine(String view, long generation) throws SQLException {
    String was = store.ask("SELECT pg_get_viewdef('" + view + "'::regclass)");
    String text = was.strip().replaceFirst(";$", "");
    String create = "CREATE OR REPLACE VIEW " + view + " AS ";
    store.sql(
        create
            + "SELECT w.id, '"
            + generation
            + ":' || w.state AS state, w.good, w.day FROM ("
            + text
            + ") w");
    Moments.pause(random.nextInt(500));
    store.sql(create + text);
  }
}
