/** The sample: a feature store of second-hand phones, and what may happen to it. */
@NullMarked
package io.guardedjdbc.examples.survival;

import org.jspecify.annotations.NullMarked;
