/** Pages for a browser: one self-contained file each, readable without script or network. */
@NullMarked
package io.guardedjdbc.refresher.page;

import org.jspecify.annotations.NullMarked;
