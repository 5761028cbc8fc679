/** Pages. */
@NullMarked
package io.guardedjdbc.refresher.page;

import org.jspecify.annotations.NullMarked;
