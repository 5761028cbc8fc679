/** Parts of the guard exchanged for the proof. */
@NullMarked
package io.guardedjdbc.guard;

import org.jspecify.annotations.NullMarked;
