/** The cycle: lock, refresh, certify, publish, record. */
@NullMarked
package io.guardedjdbc.refresher.run;

import org.jspecify.annotations.NullMarked;
