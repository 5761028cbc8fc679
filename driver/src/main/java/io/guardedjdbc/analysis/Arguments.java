package io.guardedjdbc.analysis;

/** What the arguments of a function call are made of; of several calls, the last in this order. */
public enum Arguments {
  /** Literals and numbers only: analysis has read all of them. */
  LITERALS,
  /** Parameters among the literals: their values are bound later. */
  PARAMETERS,
  /** Anything else: nobody knows before it runs. */
  EXPRESSIONS;

  Arguments or(Arguments other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
