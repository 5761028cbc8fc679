package io.guardedjdbc.refresher.gate;

/**
 * What a failure of a gate means and what a person does about it.
 *
 * @param failureClass the name of the failure class, as in the runbook
 * @param meaning what happened, one sentence
 * @param action what to do, one sentence
 */
public record Explanation(String failureClass, String meaning, String action) {}
