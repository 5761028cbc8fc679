/** Stores of other kinds than the sample: what is configured is all that tells them apart. */
@NullMarked
package io.guardedjdbc.examples.stores;

import org.jspecify.annotations.NullMarked;
