/** The command line of the refresher: one small class a command. */
@NullMarked
package io.guardedjdbc.refresher;

import org.jspecify.annotations.NullMarked;
