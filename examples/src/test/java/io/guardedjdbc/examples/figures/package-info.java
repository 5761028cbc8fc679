/** Figures of the refresher, against the runbook's way, on one machine in one run. */
@NullMarked
package io.guardedjdbc.examples.figures;

import org.jspecify.annotations.NullMarked;
