package io.guardedjdbc.refresher.run;

/**
 * An entrypoint that the run acts for, and its registry row as the run found or wrote it.
 *
 * @param main whether it is the store that was asked for
 * @param renewed whether the run refreshes every materialized view that it reads
 */
record ActedFor(String store, String entrypoint, RegistryRow row, boolean main, boolean renewed) {
  ActedFor with(RegistryRow written) {
    return new ActedFor(store, entrypoint, written, main, renewed);
  }
}
