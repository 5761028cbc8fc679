package io.guardedjdbc.refresher.testing;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.run.Interruption;
import io.guardedjdbc.refresher.run.RunCycle;
import io.guardedjdbc.refresher.run.RunLimits;
import io.guardedjdbc.refresher.run.RunListener;
import io.guardedjdbc.refresher.run.RunOptions;
import io.guardedjdbc.refresher.run.RunResult;
import io.guardedjdbc.refresher.run.StepKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Runs a cycle and does something else when it comes to a certain part. */
public final class Hook {
  /** What is done meanwhile. */
  @FunctionalInterface
  public interface Meanwhile {
    void run() throws Exception;
  }

  private static final RunOptions OPTIONS =
      new RunOptions(
          true,
          Optional.empty(),
          2,
          RunLimits.ofLocks(Duration.ofSeconds(1), 2),
          "run",
          "test-host");

  private Hook() {}

  /**
   * Runs the shop; {@code meanwhile} happens once, when a phase or step begins that is named so.
   */
  public static RunResult run(Shop shop, String phase, Meanwhile meanwhile) {
    return run(shop, OPTIONS, phase, meanwhile, new Interruption());
  }

  /** The same, in a mode. */
  public static RunResult run(Shop shop, PublishMode mode, String phase, Meanwhile meanwhile) {
    return run(shop, mode, phase, meanwhile, new Interruption());
  }

  /** The same, with an interruption of the caller's. */
  public static RunResult run(
      Shop shop, PublishMode mode, String phase, Meanwhile meanwhile, Interruption interruption) {
    RunOptions options =
        new RunOptions(
            true,
            Optional.of(mode),
            2,
            RunLimits.ofLocks(Duration.ofSeconds(1), 2),
            "run",
            "test-host");
    return run(shop, options, phase, meanwhile, interruption);
  }

  private static RunResult run(
      Shop shop, RunOptions options, String phase, Meanwhile meanwhile, Interruption interruption) {
    RunListener listener =
        new RunListener() {
          private boolean done;

          @Override
          public void phase(String title) {
            reached(title);
          }

          @Override
          public void stepStarted(StepKind kind, String object) {
            reached(object);
          }

          private void reached(String what) {
            if (!done && what.startsWith(phase)) {
              done = true;
              try {
                meanwhile.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            }
          }
        };
    return new RunCycle(
            Target.of(shop.url(), null, Map.of()),
            options,
            listener,
            interruption,
            InstantSource.system())
        .run(StoreArgument.of("shop"));
  }
}
