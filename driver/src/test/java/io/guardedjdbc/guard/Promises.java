package io.guardedjdbc.guard;

import io.guardedjdbc.guard.ReaderScript.Release;
import io.guardedjdbc.guard.World.Commit;
import io.guardedjdbc.guard.World.Seen;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the guarantee promises of each release, judged by the true time and all commits. */
final class Promises {
  private final Setting setting;

  Promises(Setting setting) {
    this.setting = setting;
  }

  /** Which promise a release breaks; null: none. */
  @Nullable String broken(World world, Release release) {
    String certificates = release.lineage().certificates().get(0);
    String[] ends = certificates.substring(World.STORE.length() + 1).split("\\.\\.", -1);
    int first = Integer.parseInt(ends[0]);
    int last = Integer.parseInt(ends[ends.length - 1]);
    boolean leased = release.lineage().leased();
    if (leased && lateBy(release) >= 0) {
      return "G2: decided " + lateBy(release) + " ticks after the end of the lease";
    }
    if (!leased && release.looked().sent().time() < release.arrived()) {
      return "G2: decided on a look of before the rows had come";
    }
    if (leased && withinLeaseOfSealedChange(world, release)) {
      return null;
    }
    List<Commit> covering =
        world.commits().stream()
            .filter(commit -> commit.certified() && commit.covers() == release.generation())
            .toList();
    if (covering.isEmpty()) {
      return "G1: generation " + release.generation() + " was never certified";
    }
    List<Commit> named =
        covering.stream()
            .filter(commit -> commit.id() >= first && (leased || commit.id() <= last))
            .toList();
    if (named.isEmpty()) {
      return "G4: generation " + release.generation() + " is not covered by " + certificates;
    }
    boolean aged =
        named.stream()
            .allMatch(commit -> release.decided() >= commit.certifiedAt() + setting.maxAge());
    return aged ? "G1: generation " + release.generation() + " is too old" : null;
  }

  /** Ticks by which the decision came too late for the lease of its look. */
  private static int lateBy(Release release) {
    Seen looked = release.looked();
    return release.decided() - looked.sent().time() - looked.commit().lease();
  }

  /** What a sealed store changed may still go out on leases that were granted before. */
  private static boolean withinLeaseOfSealedChange(World world, Release release) {
    return world.commits().stream()
        .anyMatch(
            commit ->
                commit.status().equals("REVOKED")
                    && commit.frozen()
                    && commit.generation() == release.generation()
                    && release.decided() < commit.time() + release.looked().commit().lease());
  }
}
