package io.guardedjdbc.refresher.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The publish mode of a run: the one wanted, or staged where a step can't be part of an atomic run.
 *
 * @param reasons why it is not the one wanted; empty when it is
 */
public record PublishChoice(PublishMode mode, List<String> reasons) {
  /** Copies the list. */
  public PublishChoice {
    reasons = List.copyOf(reasons);
  }

  /**
   * Chooses for a plan.
   *
   * @param asked what was asked for; empty for the mode of the store's policy
   */
  public static PublishChoice of(Plan plan, Optional<PublishMode> asked) {
    PublishMode wanted =
        asked.or(() -> PublishMode.of(plan.policy().publishMode())).orElse(PublishMode.ATOMIC);
    List<PlanStep> notAtomic = plan.notAtomic();
    return wanted != PublishMode.ATOMIC || notAtomic.isEmpty()
        ? new PublishChoice(wanted, List.of())
        : new PublishChoice(
            PublishMode.STAGED, notAtomic.stream().map(PublishChoice::reason).toList());
  }

  private static String reason(PlanStep step) {
    String why = step.reason().orElse("no reason given");
    return step.kind() == PlanStep.Kind.SQL
        ? "sql step " + step.object() + " can't be part of an atomic run: " + why
        : step.object() + " can't be refreshed CONCURRENTLY: " + why + ". " + advice(step, why);
  }

  private static String advice(PlanStep step, String why) {
    return why.toLowerCase(Locale.ROOT).contains("populated")
        ? "The next run can"
        : "For the next time: CREATE UNIQUE INDEX ON "
            + step.object()
            + " (KEY COLUMNS), plain columns without WHERE";
  }
}
