/** Text and metrics. */
@NullMarked
package io.guardedjdbc.refresher.report;

import org.jspecify.annotations.NullMarked;
