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
    int late = sinceLease(release, release.decided());
    if (leased && late >= 0) {
      return "G2: decided " + late + " ticks after the end of the lease";
    }
    if (!leased && release.looked().sent().time() < release.arrived()) {
      return "G2: decided on a look of before the rows had come";
    }
    if (!leased && release.onLeases() && sinceLease(release, release.last()) >= 0) {
      return "G2: decided on a second look that was older than its lease";
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
            .filter(commit -> commit.id() >= first)
            .filter(commit -> commit.id() <= last || (leased && goesOn(world, last, commit)))
            .toList();
    if (named.isEmpty()) {
      return "G4: generation " + release.generation() + " is not covered by " + certificates;
    }
    boolean aged =
        named.stream()
            .allMatch(commit -> release.decided() >= commit.certifiedAt() + setting.maxAge());
    return aged ? "G1: generation " + release.generation() + " is too old" : null;
  }

  /** Ticks between the end of the look's lease and the decision; negative: it lasted longer. */
  private static int sinceLease(Release release, int decided) {
    Seen looked = release.looked();
    return decided - looked.sent().time() - looked.commit().lease();
  }

  /** Whether all that was committed since the certificate was named is published on top of it. */
  private static boolean goesOn(World world, int named, Commit covering) {
    return world.commits().stream()
        .filter(commit -> commit.id() > named && commit.id() <= covering.id())
        .allMatch(commit -> commit.certified() && commit.chain() <= named);
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
