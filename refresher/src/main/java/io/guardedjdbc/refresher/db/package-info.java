/** Connections of the refresher: where to, with which pinned settings. */
@NullMarked
package io.guardedjdbc.refresher.db;

import org.jspecify.annotations.NullMarked;
