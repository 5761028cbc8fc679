/** A store's closure as boxes and arrows: what reads what, and where a finding sits. */
@NullMarked
package io.guardedjdbc.refresher.graph;

import org.jspecify.annotations.NullMarked;
