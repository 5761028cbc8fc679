package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.GateResult;

/** Watches a run. Called by the thread of the run, in order. */
public interface RunListener {
  /** Hears nothing. */
  RunListener NONE = new RunListener() {};

  /** The run is registered. */
  default void started(RunHeader header) {}

  /** A new part of the run begins. */
  default void phase(String title) {}

  /** A step begins. */
  default void stepStarted(StepKind kind, String object) {}

  /** A step ended, well or not. */
  default void stepFinished(StepResult step) {}

  /** A gate begins. */
  default void gateStarted(String store, ConfiguredGate gate) {}

  /** A gate gave its verdict. */
  default void gateFinished(GateResult gate) {}

  /** Something a person should know. */
  default void note(String line) {}

  /** The run is over; the last call. */
  default void finished(RunResult result) {}
}
