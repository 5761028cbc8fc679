package io.guardedjdbc.guard;

import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.catalog.Match;
import java.util.List;

/**
 * What the texts of one session leave behind in it: names that they define, statements and cursors
 * that they name in SQL, transactions that they end. Thread-safe.
 */
final class Aftermath {
  private final SharedServer server;
  private final Caller caller;
  private final Validator validator;
  private final SessionMap map;
  private final SessionMemory memory = new SessionMemory();
  private volatile boolean unpublished;
  private volatile boolean hiddenDefinitions;
  private volatile boolean madeByCode;

  Aftermath(SharedServer server, Caller caller, Validator validator, SessionMap map) {
    this.server = server;
    this.caller = caller;
    this.validator = validator;
    this.map = map;
  }

  SessionMemory memory() {
    return memory;
  }

  /** Whether code ran in this transaction that may have defined what no other session sees yet. */
  boolean hiddenDefinitions() {
    return hiddenDefinitions;
  }

  /**
   * Whether code that can read something guarded ran in this session: a temporary table of its
   * making, with a default or a trigger, is no concern of other sessions' maps.
   */
  boolean madeByCode() {
    return madeByCode;
  }

  /**
   * @param complete whether all ran and were released; else nobody knows how far they came
   */
  void ran(List<SessionFacts> texts, boolean complete) {
    for (int i = 0; i < texts.size(); i++) {
      ran(texts.get(i), complete);
    }
  }

  private void ran(SessionFacts text, boolean complete) {
    Match match = text.lastMatch();
    boolean mayDefine =
        text.runsCode || match.touchesEverything() || match.throughVolatileFunction();
    if (!text.leavesTrace && !mayDefine && !hiddenDefinitions) {
      return;
    }
    SqlFacts sql = text.sql;
    if (sql.has(Effect.DEFINES)) {
      map.define(sql);
      unpublished = true;
    }
    if (text.mayEndTransaction) {
      memory.ran(sql, match, complete);
      transactionEnded();
    }
    if (mayDefine && match.guarded()) {
      memory.forget(); // code can prepare and declare what it likes under names we know
      madeByCode = true;
    }
    hiddenDefinitions = !caller.idle() && (hiddenDefinitions || mayDefine);
  }

  /** A transaction may have ended, or the next one begins otherwise. */
  void transactionEnded() {
    validator.transactionEnded();
    if (!caller.idle()) {
      return;
    }
    hiddenDefinitions = false;
    memory.transactionEnded();
    // Others can see what we defined once no transaction of ours hides it.
    if (unpublished) {
      unpublished = false;
      map.committed();
      server.namesChanged();
    }
  }
}
