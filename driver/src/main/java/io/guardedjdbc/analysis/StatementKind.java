package io.guardedjdbc.analysis;

/** What a statement does, as far as its leading words tell. */
public enum StatementKind {
  /** SELECT, VALUES, TABLE, WITH … SELECT, in parentheses or not. */
  READ,
  /** INSERT, UPDATE, DELETE, MERGE, TRUNCATE, and WITH that holds one of them. */
  WRITE,
  /**
   * Copies rows or runs expressions: CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW, CREATE
   * INDEX, ALTER TABLE with an expression.
   */
  COPYING,
  /** COPY … TO STDOUT. */
  COPY_OUT,
  /** COPY … TO a file or program of the server: no rollback undoes it. */
  COPY_FILE,
  /** COPY … FROM. */
  COPY_IN,
  /** EXPLAIN; {@link StatementFacts#inner()} is what it explains. */
  EXPLAIN,
  /** PREPARE name AS …; {@link StatementFacts#inner()} is what it prepares. */
  PREPARE,
  /** EXECUTE of a prepared statement, named by {@link StatementFacts#objectName()}. */
  EXECUTE,
  /** DEALLOCATE of one prepared statement, or of all (no name). */
  DEALLOCATE,
  /** DECLARE … CURSOR; {@link StatementFacts#inner()} is its query. */
  DECLARE,
  /** FETCH or MOVE on the cursor named by {@link StatementFacts#objectName()}. */
  FETCH,
  /** CLOSE of one cursor, or of all (no name). */
  CLOSE,
  /** DO. */
  DO,
  /** CALL. */
  CALL,
  /** A definition that neither releases nor copies rows nor runs expressions. */
  DDL,
  /** REFRESH MATERIALIZED VIEW of what {@link StatementFacts#defines()} names. */
  REFRESH,
  /** SET, RESET, DISCARD; see {@link StatementFacts#effects()}. */
  SET,
  /** SHOW. */
  SHOW,
  /** BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like. */
  TRANSACTION,
  /** LISTEN, UNLISTEN, NOTIFY. */
  NOTIFY,
  /** Nothing but blanks and comments. */
  EMPTY,
  /** Anything else: counts as touching what it names, and as reading. */
  UNKNOWN;

  /**
   * Whether a statement of this kind neither releases rows, nor copies them, nor evaluates anything
   * written in it, so that it may pass whatever it names. REFRESH is not among them: what it reads
   * is known to the catalog only.
   */
  public boolean passes() {
    return switch (this) {
      case DDL, SET, SHOW, TRANSACTION, NOTIFY, DEALLOCATE, CLOSE, EMPTY -> true;
      default -> false;
    };
  }
}
