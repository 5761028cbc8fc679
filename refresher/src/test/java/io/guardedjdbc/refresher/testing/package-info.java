/** A small store and a command line to try it with. */
@NullMarked
package io.guardedjdbc.refresher.testing;

import org.jspecify.annotations.NullMarked;
