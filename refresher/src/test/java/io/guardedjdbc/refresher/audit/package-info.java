/** The audit schema itself, tested on a real server: what each gate finds and what it must not. */
@NullMarked
package io.guardedjdbc.refresher.audit;

import org.jspecify.annotations.NullMarked;
