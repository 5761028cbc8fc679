package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the guarantee of one session rests on, each part of it exchangeable by the tests of this
 * package alone: they show that something uncertified gets out where a part is broken.
 *
 * @param looks where looks come from
 * @param caller the application's session
 * @param rules what may be released
 * @param undo how what a statement leaves behind is taken back
 * @param errors what becomes of an error until its release
 * @param clock measures leases
 */
record Protections(
    Looks looks, Caller caller, Rules rules, Undoing undo, Holding errors, ReaderClock clock) {

  /** Begins what can be taken back; see {@link Undo#begin}. */
  @FunctionalInterface
  interface Undoing {
    Undo begin(Connection raw, Caller caller) throws SQLException;
  }

  /** Keeps an error of a guarded statement back, as it may carry values of rows. */
  @FunctionalInterface
  interface Holding {
    /** The error, to go out with its release. */
    SQLException hold(SQLException arrived) throws SQLException;
  }

  static Protections of(Looks looks, Caller caller, Rules rules, ReaderClock clock) {
    return new Protections(looks, caller, rules, Undo::begin, error -> error, clock);
  }

  Validator validator() {
    return new Validator(looks, caller, rules, clock);
  }
}
