/** Pictures of closures. */
@NullMarked
package io.guardedjdbc.refresher.graph;

import org.jspecify.annotations.NullMarked;
