/** The only place that says yes or no: decisions before a statement, and its release after. */
@NullMarked
package io.guardedjdbc.guard;

import org.jspecify.annotations.NullMarked;
