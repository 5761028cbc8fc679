package io.guardedjdbc.refresher.run;

/**
 * An entrypoint that the run acts for, and its registry row when the run began.
 *
 * @param main whether it is the store that was asked for
 */
record ActedFor(String store, String entrypoint, RegistryRow row, boolean main) {}
