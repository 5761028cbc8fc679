package io.guardedjdbc.analysis;

/** What a statement may change for the statements after it in the same session. */
public enum Effect {
  /** {@code search_path}. */
  SEARCH_PATH,
  /** Role or session authorization. */
  ROLE,
  /** Isolation level of this transaction, or the default for later ones. */
  ISOLATION,
  /** {@code standard_conforming_strings}: later text may be lexed in another way. */
  STRINGS,
  /** {@code client_encoding}. */
  ENCODING,
  /** {@code row_security}. */
  ROW_SECURITY,
  /** Opens a transaction block. */
  BEGINS_TRANSACTION,
  /** Ends a transaction block (and may open the next: AND CHAIN). */
  ENDS_TRANSACTION,
  /** Defines, alters or drops something, so that names may mean something else afterwards. */
  DEFINES
}
