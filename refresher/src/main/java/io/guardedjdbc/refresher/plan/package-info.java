/** What a run will do and in which order, and what it must know before. */
@NullMarked
package io.guardedjdbc.refresher.plan;

import org.jspecify.annotations.NullMarked;
