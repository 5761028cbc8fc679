package io.guardedjdbc.guard;

/** When a release is decided on an earlier look. */
public enum Validation {
  /** On a look younger than its lease, where leases prove something; else as {@link #ALWAYS}. */
  LEASED,
  /** Never: each release looks after its result arrived. */
  ALWAYS
}
