package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.plan.PublishMode;
import java.util.Optional;

/**
 * How to run.
 *
 * @param refresh false to certify what is there
 * @param mode as asked for; empty for the mode of the store's policy
 * @param parallel how many views of a staged run are refreshed at a time, at least 1
 * @param limits of its waits and parts
 * @param command as recorded in the history, without secrets
 * @param host as recorded in the history
 */
public record RunOptions(
    boolean refresh,
    Optional<PublishMode> mode,
    int parallel,
    RunLimits limits,
    String command,
    String host) {}
