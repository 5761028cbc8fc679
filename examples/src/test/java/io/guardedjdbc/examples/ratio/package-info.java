/** What a guarded read costs. */
@NullMarked
package io.guardedjdbc.examples.ratio;

import org.jspecify.annotations.NullMarked;
