/**
 * The checker: readers, writers and faults against real servers, and an oracle that knows what was
 * certified when.
 */
@NullMarked
package io.guardedjdbc.refresher.proof;

import org.jspecify.annotations.NullMarked;
