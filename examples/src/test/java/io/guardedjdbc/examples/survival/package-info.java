/** Tests of the sample store. */
@NullMarked
package io.guardedjdbc.examples.survival;

import org.jspecify.annotations.NullMarked;
