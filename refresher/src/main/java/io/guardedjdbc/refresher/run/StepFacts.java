package io.guardedjdbc.refresher.run;

import java.util.OptionalLong;

/**
 * What a step has to tell when it is done.
 *
 * @param rows rows that the object has now; empty when nobody counted
 * @param detail one phrase, may be empty
 */
record StepFacts(OptionalLong rows, String detail) {
  static final StepFacts NONE = new StepFacts(OptionalLong.empty(), "");
}
